import { describe, expect, it } from "vitest";
import { DEFAULT_EACH_CONCURRENCY } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { INLINE_LIMIT_BYTES } from "#events/payload.ts";
import { findStep } from "#machines/step-path.ts";
import { runPlan, type PlanRun, type RunOptions } from "#src/testing/run-plan.ts";
import { fails, hangs, scriptedTool, takes, type ScriptedTool } from "#src/testing/scripted-tool.ts";

// What the words of a plan do where something fails, is asked, or is not known; the rules about the way of a step without
// such events stand in semantics.test.ts. Each title is a rule, each case runs a plan on the real engine in virtual time.

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
const refused = fails("validation", "refused");

const run = (steps: readonly string[], tools: readonly ScriptedTool[] = [], more: Partial<RunOptions> = {}) =>
  runPlan(`plan: p\nsteps:\n${steps.map((step) => `  ${step}\n`).join("")}`, { ...more, tools });

const stateOf = ({ state }: PlanRun, step: string): string => findStep(state, step)?.record.chart.value ?? "none";

describe("onFailure", () => {
  const failing = async (onFailure: string) => {
    const write = scriptedTool("write", [takes(SECOND_MS, 1)]);
    const undo = scriptedTool("undo", () => 1);
    const bad = scriptedTool(
      "bad",
      [takes(2 * SECOND_MS, refused)].map((act) => act as never),
    );
    const slow = scriptedTool("slow", [takes(9 * SECOND_MS, 1)]);
    const next = scriptedTool("next", [1]);
    const text = `plan: p\n${onFailure}steps:
  before: { tool: write, undo: { tool: undo } }
  bad: { tool: bad, needs: [before] }
  running: { tool: slow, needs: [before] }
  next: { tool: next, needs: [running] }
`;
    const done = await runPlan(text, { tools: [write, undo, bad, slow, next] });
    const { outcome } = done;
    return { outcome, running: stateOf(done, "running"), next: next.calls.length, undone: undo.calls.length };
  };

  it("is `stop` where nothing is said: what runs finishes, nothing new starts", async () => {
    const stopped = { outcome: "failed", running: "succeeded", next: 0, undone: 0 };
    expect(await failing("")).toEqual(stopped);
    expect(await failing("onFailure: stop\n")).toEqual(stopped);
  });

  it("`continue`: whatever does not need the failed step goes on, and the plan has failed at its end", async () => {
    expect(await failing("onFailure: continue\n")).toEqual({
      outcome: "failed",
      running: "succeeded",
      next: 1,
      undone: 0,
    });
  });

  it("`rollback`: what succeeded is taken back", async () => {
    expect(await failing("onFailure: rollback\n")).toMatchObject({ outcome: "rolled-back", next: 0, undone: 1 });
  });
});

describe("each", () => {
  const items = (failures: number) =>
    scriptedTool("it", ({ args }) => (Number(args.n) < failures ? refused : (args.n as Json)));
  const list = (more: string, count = 10) =>
    `a: { each: [${[...Array(count).keys()].join(", ")}], do: { tool: it, with: { n: "\${item}" } }${more} }`;

  it("tolerates no failed item where nothing is said", async () => {
    expect(stateOf(await run([list("")], [items(1)]), "a")).toBe("failed");
    expect(stateOf(await run([list("")], [items(0)]), "a")).toBe("succeeded");
  });

  it("tolerates a number of items, or a share of all", async () => {
    for (const [tolerate, failures, state] of [
      ["2", 2, "succeeded"],
      ["2", 3, "failed"],
      ["20%", 2, "succeeded"],
      ["20%", 3, "failed"],
    ] as const) {
      const done = await run([list(`, tolerate: ${tolerate}`)], [items(failures)]);
      expect(stateOf(done, "a"), `${tolerate} of ${failures}`).toBe(state);
    }
  });

  it("gives one entry an item, null where it failed, and lists those in `errors`", async () => {
    const steps = [list(", tolerate: 1", 3), "errors: { value: '${steps.a.errors}' }"];
    const done = await run(steps, [items(1)]);
    expect(await done.output("a")).toEqual([null, 1, 2]);
    expect(await done.output("errors")).toEqual([
      expect.objectContaining({ index: 0, category: "validation", message: expect.stringContaining("refused") }),
    ]);
  });

  it(`has ${DEFAULT_EACH_CONCURRENCY} items under way at once where nothing is said, else as many as it says`, async () => {
    const together = async (more: string) => {
      const slow = scriptedTool("it", () => takes(SECOND_MS, 1));
      await run([list(more, 40)], [slow], { slots: 100 });
      return slow.calls.filter(({ at }) => at === slow.calls[0]?.at).length;
    };
    expect([await together(""), await together(", concurrency: 3")]).toEqual([DEFAULT_EACH_CONCURRENCY, 3]);
  });
});

describe("approve", () => {
  const asking = (more: string, approvals: RunOptions["approvals"]) =>
    run(
      [`ask: { approve: { role: editor${more} }, fallback: [] }`, "then: { value: 1, needs: [ask] }"],
      [],
      approvals === undefined ? {} : { approvals },
    );

  it("fails the step with `permission` where it is denied, with `timeout` where it expires", async () => {
    expect(await asking("", { ask: "denied" })).toMatchObject({ outcome: "failed", error: { category: "permission" } });
    const expired = await asking(", expires: 2d", undefined);
    expect(expired).toMatchObject({ outcome: "failed", error: { category: "timeout" }, elapsedMs: 2 * DAY_MS });
  });

  it("never expires where nothing is said", async () => {
    const late = await asking("", { ask: { verdict: "approved", afterMs: 400 * DAY_MS } });
    expect(late.outcome).toBe("succeeded");
    expect((await asking("", undefined)).outcome).toBe("running");
  });

  it("goes on with its fallback where it is denied", async () => {
    const steps = [
      "ask: { approve: { expires: 1d }, fallback: [{ value: nobody }] }",
      "then: { value: '${steps.ask.output}' }",
    ];
    const done = await run(steps, [], { approvals: { ask: "denied" } });
    expect([done.outcome, await done.output("then")]).toEqual(["succeeded", "nobody"]);
  });
});

describe("unknown", () => {
  const lost = async (said: string, looks: Json = []) => {
    const pay = scriptedTool("pay", [hangs(), "paid again"]);
    const look = scriptedTool("look", () => looks, { sideEffects: "read" });
    const undo = scriptedTool("undo", () => 1);
    const step = `a: { tool: pay, timeout: 1s, undo: { tool: undo, with: { of: "\${output}" } }${said} }`;
    const done = await run([step], [pay, look, undo]);
    return { done, calls: [pay.calls.length, look.calls.length, undo.calls.length], undone: undo.calls[0]?.args };
  };

  it("is `ask` where nothing is said: a person answers, and nothing runs a second time by itself", async () => {
    for (const said of ["", ", unknown: ask"]) {
      const { done, calls } = await lost(said);
      expect([done.outcome, stateOf(done, "a"), ...calls]).toEqual(["running", "unknown", 1, 0, 0]);
      expect(done.waiting[0]?.reason.kind).toBe("unknown-outcome");
    }
  });

  it("`retry` runs it again, as after a failure", async () => {
    const { done, calls } = await lost(", unknown: retry, retry: 2");
    expect([done.outcome, await done.output("a"), ...calls]).toEqual(["succeeded", "paid again", 2, 0, 0]);
  });

  it("`undo` takes it back first, and hands null to the undo, because nobody knows the output", async () => {
    const { done, calls, undone } = await lost(", unknown: undo, retry: 2");
    expect(undone).toEqual({ of: null });
    expect(calls[2]).toBe(1);
    expect([done.outcome, await done.output("a"), ...calls]).toEqual(["succeeded", "paid again", 2, 0, 1]);
  });

  it("`verify` looks: where the effect is there the step has succeeded, with the output that was found", async () => {
    const verify =
      ", retry: 2, unknown: { verify: { tool: look }, done: '${size(output) > 0}', output: '${output[0]}' }";
    const found = await lost(verify, ["receipt"]);
    expect([await found.done.output("a"), ...found.calls]).toEqual(["receipt", 1, 1, 0]);
    const missing = await lost(verify, []);
    expect([await missing.done.output("a"), ...missing.calls]).toEqual(["paid again", 2, 1, 0]);
  });
});

describe("a payload", () => {
  it("over 32 KiB is kept outside of the fact, and read all the same", async () => {
    const large = "x".repeat(INLINE_LIMIT_BYTES + 1);
    const give = scriptedTool("give", [large, "small"]);
    const steps = ["a: { tool: give }", "b: { tool: give, needs: [a] }", "c: { value: '${size(steps.a.output)}' }"];
    const done = await run(steps, [give]);
    const payloads = done.facts.flatMap(({ type, data }) =>
      type === "StepSucceeded" && (data.step === "a" || data.step === "b") ? [Object.keys(data.output)] : [],
    );
    expect(payloads.map(([kind]) => kind === "inline")).toEqual([false, true]);
    expect(await done.output("c")).toBe(INLINE_LIMIT_BYTES + 1);
    expect(INLINE_LIMIT_BYTES).toBe(32 * 1024);
  });
});
