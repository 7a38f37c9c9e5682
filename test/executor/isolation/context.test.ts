import { describe, expect, it } from "vitest";
import type { Tool } from "#src/tools/define.ts";
import { CellBench, SECRET, toolNamed } from "./cell-bench.ts";

// What a tool has where it is isolated is what it has in the loop.

const TOKEN = { token: { $secret: "TOKEN" } };

describe.each(["thread", "process"] as const)("a tool in a %s of its own", (isolate) => {
  it("has all of its context, and no secret comes back", async () => {
    await using bench = new CellBench();
    const outcome = await bench.run("cell.tells", isolate, TOKEN).outcome;
    expect(outcome).toEqual({ ok: true, output: { said: "told [secret]" }, bytes: expect.any(Number) });
    expect(bench.asked).toEqual(["TOKEN"]);
    expect(bench.progress).toEqual([
      { percent: 50, message: "halfway with [secret]" },
      { text: { from: 3, piece: "written: [secret]" } },
    ]);
    expect(bench.lines).toEqual([
      { message: "a line with [secret]", fields: { value: "[secret]", deep: [{ value: "[secret]" }] } },
    ]);
    expect(JSON.stringify([outcome, bench.progress, bench.lines])).not.toContain(SECRET);
  });

  it("fails as it says, with code, patience and details", async () => {
    await using bench = new CellBench();
    expect(await bench.run("cell.fails", isolate, TOKEN).outcome).toEqual({
      ok: false,
      error: {
        category: "rate-limited",
        code: "patience",
        message: "asks for patience: [secret]",
        retryAfterMs: 1_000,
        details: { value: "[secret]" },
      },
    });
  });

  it("is told when there is no such secret", async () => {
    await using bench = new CellBench();
    expect(await bench.run("cell.tells", isolate, { token: { $secret: "MISSING" } }).outcome).toMatchObject({
      ok: false,
      error: { category: "unknown", message: "there is no such secret" },
    });
  });

  it("sees the root, the idempotency key, and of the environment what is allowed", async () => {
    await using bench = new CellBench({ environment: { PATH: "/bin", ONLY: "this" } });
    const { pid, environment, ...rest } = outputOf(await bench.run("cell.where", isolate).outcome);
    expect(rest).toEqual({ runs: 1, root: "/a/root", idempotencyKey: "plan/step" });
    expect((environment as string[]).toSorted()).toEqual(["ONLY", "PATH"]);
    expect(pid === process.pid).toBe(isolate === "thread");
  });

  it("has its arguments checked where it runs", async () => {
    await using bench = new CellBench();
    expect(await bench.run("cell.tells", isolate, { token: "by value" }).outcome).toMatchObject({
      ok: false,
      error: { category: "validation", code: "invalid-arguments" },
    });
  });

  it("is not confused with another version, or with one that is not there, or not to be loaded", async () => {
    await using bench = new CellBench();
    const tool = toolNamed("cell.where");
    const others: [Partial<Tool>, string][] = [
      [{ version: "2.0.0" }, "exports version 1.0.0 of it by now"],
      [{ name: "cell.nowhere" }, "does not export it"],
      [{ module: "data:text/javascript,throw new Error('broken')" }, "failed while it was loaded: broken"],
    ];
    for (const [other, says] of others) {
      expect(await bench.runTool({ ...tool, ...other }, isolate).outcome).toMatchObject({
        ok: false,
        error: { category: "bug", code: "isolated-tool-missing", message: expect.stringContaining(says) },
      });
    }
  });
});

describe("a tool whose module nobody knows", () => {
  it("is not isolated: the attempt fails with what is missing", async () => {
    await using bench = new CellBench();
    const { module: _, ...tool } = toolNamed("cell.where");
    expect(await bench.runTool(tool, "process").outcome).toMatchObject({
      ok: false,
      error: { code: "isolated-tool-missing", message: expect.stringContaining("which module exports it") },
    });
  });
});

function outputOf(outcome: { readonly ok: boolean; readonly output?: unknown }): Record<string, unknown> {
  expect(outcome.ok).toBe(true);
  return outcome.output as Record<string, unknown>;
}
