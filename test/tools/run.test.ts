import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineTool, ToolFailure } from "#src/tools/define.ts";
import type { ToolContext } from "#src/tools/define.ts";
import { MAX_OUTPUT_BYTES, MAX_OUTPUT_DEPTH } from "#src/tools/json-output.ts";
import { REDACTED } from "#src/tools/redaction.ts";
import { runTool } from "#src/tools/run.ts";
import { contextOf } from "./context.ts";

const toolOf = (run: (context: ToolContext) => unknown, output: z.ZodType = z.unknown()) =>
  defineTool({
    name: "test.tool",
    version: "1.0.0",
    description: "",
    input: z.strictObject({ n: z.int().default(7) }),
    output,
    sideEffects: "read",
    run: (_args, context) => run(context),
  });

const resultOf = (run: (context: ToolContext) => unknown, output?: z.ZodType) =>
  runTool(toolOf(run, output), {}, contextOf({ secrets: { TOKEN: "s3cr3t-value", PIN: "1" } }));

const failureOf = async (run: (context: ToolContext) => unknown, output?: z.ZodType) => {
  const outcome = await resultOf(run, output);
  return outcome.ok ? expect.fail("it succeeded") : outcome.error;
};

const throwing = (value: unknown) => () => {
  throw value as Error;
};

const trap = () => Object.defineProperty({}, "x", { enumerable: true, get: throwing(new RangeError("trap")) });

describe("an attempt of a tool", () => {
  it("hands over parsed arguments and answers with output and bytes", async () => {
    const tool = defineTool({ ...toolOf(() => null), run: ({ n }) => ({ n: n * 2, text: "ä" }) });
    expect(await runTool(tool, {}, contextOf())).toEqual({ ok: true, output: { n: 14, text: "ä" }, bytes: 20 });
  });

  it("refuses arguments that break the schema and names where", async () => {
    const outcome = await runTool(
      toolOf(() => null),
      { n: "x", m: 1 },
      contextOf(),
    );
    expect(outcome).toMatchObject({ ok: false, error: { category: "validation", code: "invalid-arguments" } });
    expect(JSON.stringify(outcome)).toMatch(/with\.n: .*Unrecognized key/);
  });

  it("calls an output that its schema forbids a bug and names the place", async () => {
    const error = await failureOf(
      () => ({ rows: [{ id: 1 }, { id: "2" }] }),
      z.object({ rows: z.array(z.object({ id: z.int() })) }),
    );
    expect(error).toMatchObject({ category: "bug", code: "forbidden-output" });
    expect(error.message).toContain("output.rows[1].id");
  });

  const cyclic: Record<string, unknown> = {};
  cyclic["inner"] = { self: cyclic };
  const deep = Array.from({ length: MAX_OUTPUT_DEPTH + 1 }).reduce<unknown>((inner) => [inner], null);

  it.each([
    ["a bigint", { n: 1n }, "output.n is a bigint"],
    ["a function", [() => 1], "output[0] is a function"],
    ["an undefined inside", { a: [undefined] }, "output.a[0] is undefined"],
    ["a hole", { a: new Array(2) }, "output.a[0] is undefined"],
    ["nothing", undefined, "output is undefined"],
    ["not a number", { n: NaN }, "output.n is not a finite number"],
    ["a cycle", cyclic, "output.inner.self contains itself"],
    ["a map", { m: new Map() }, "output.m is not plain data"],
    ["a date", { at: new Date(0) }, "output.at is not plain data"],
    ["a disguise", { toJSON: () => 1 }, "output has a toJSON method"],
    ["a well", deep, "nested deeper"],
  ])("refuses %s, which JSON cannot carry", async (_name, value, message) => {
    const error = await failureOf(() => value);
    expect(error).toMatchObject({ category: "bug", code: "output-not-json" });
    expect(error.message).toContain(message);
  });

  it("accepts the same object in two places", async () => {
    const twin = { a: 1 };
    expect(await resultOf(() => [twin, twin])).toMatchObject({ ok: true, output: [{ a: 1 }, { a: 1 }] });
  });

  it("refuses 50 MB of output, and one byte over the limit", async () => {
    const huge = await failureOf(() => "x".repeat(50_000_000));
    expect(huge).toMatchObject({ category: "resource-exhausted", code: "output-too-large" });
    expect(huge.message).toContain("50000002 bytes");
    expect(await failureOf(() => "x".repeat(MAX_OUTPUT_BYTES - 1))).toMatchObject({ code: "output-too-large" });
    expect(await resultOf(() => "x".repeat(MAX_OUTPUT_BYTES - 2))).toMatchObject({ ok: true, bytes: MAX_OUTPUT_BYTES });
  });

  it("shares nothing with the tool's own objects", async () => {
    const mine = { list: [1] };
    const outcome = await resultOf(() => mine);
    mine.list.push(2);
    expect(outcome).toMatchObject({ ok: true, output: { list: [1] } });
  });

  it.each([
    ["throws at once", throwing(new ToolFailure("quota", "no more")), { category: "quota", message: "no more" }],
    ["rejects", () => Promise.reject(new TypeError("oops")), { category: "bug", message: "oops" }],
    ["throws a text", throwing("text"), { category: "unknown", message: "threw text" }],
    ["throws nothing", throwing(undefined), { category: "unknown", message: "threw undefined" }],
    ["has a getter that throws", trap, { category: "bug", message: "trap" }],
  ])("turns a tool that %s into a value", async (_name, run, error) => {
    expect(await failureOf(run)).toMatchObject(error);
  });

  it("tells a timeout from a cancel by the signal's reason", async () => {
    for (const [name, category] of [
      ["TimeoutError", "timeout"],
      ["AbortError", "cancelled"],
    ] as const) {
      const controller = new AbortController();
      controller.abort(new DOMException("because", name));
      const tool = toolOf(() => Promise.reject(new DOMException("aborted", "AbortError")));
      const outcome = await runTool(tool, {}, contextOf({ signal: controller.signal }));
      expect(outcome).toMatchObject({ ok: false, error: { category } });
    }
  });
});

describe("a secret that was shown to a tool", () => {
  const reveal = (context: ToolContext) => context.secret({ $secret: "TOKEN" });

  it("is blotted out of output, keys included", async () => {
    const outcome = await resultOf(async (context) => {
      const value = await reveal(context);
      return { said: `Bearer ${value}`, [value]: [value] };
    });
    expect(outcome).toMatchObject({ ok: true, output: { said: `Bearer ${REDACTED}`, [REDACTED]: [REDACTED] } });
  });

  it("is blotted out of message and details of a failure", async () => {
    const error = await failureOf(async (context) => {
      const value = await reveal(context);
      throw new ToolFailure("authentication", `${value} refused`, { details: { sent: value } });
    });
    expect(error).toMatchObject({ message: `${REDACTED} refused`, details: { sent: REDACTED } });
  });

  it("is blotted out of progress and log", async () => {
    const said: unknown[] = [];
    const tool = toolOf(async (context) => {
      const value = await reveal(context);
      context.log(`using ${value}`, { value });
      context.progress({ message: value, percent: 5 });
      return null;
    });
    await runTool(tool, {}, contextOf({ secrets: { TOKEN: "s3cr3t-value" }, said }));
    expect(said).toEqual([`using ${REDACTED}`, { value: REDACTED }, { message: REDACTED, percent: 5 }]);
  });

  it("is left alone when it is too short to tell from other data", async () => {
    const outcome = await resultOf(async (context) => [await context.secret({ $secret: "PIN" }), "2011"]);
    expect(outcome).toMatchObject({ ok: true, output: ["1", "2011"] });
  });
});
