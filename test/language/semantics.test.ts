import { describe, expect, it } from "vitest";
import { findStep } from "#machines/step-path.ts";
import { runPlan, type PlanRun, type RunOptions } from "#src/testing/run-plan.ts";
import { fails, hangs, scriptedTool, takes, type Script, type ScriptedTool } from "#src/testing/scripted-tool.ts";
import type { Json } from "#events/json.ts";

// What the words of a plan do, rule by rule: each title is a rule, each case runs a plan on the real engine in virtual time.
// What follows a failure of the plan, an approval or a lost answer stands in semantics-of-answers.test.ts.

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const down = fails("unavailable", "down");
const refused = fails("validation", "refused");

const tool = (
  name: string,
  script: Script<Json>,
  options: { sideEffects?: "read" | "write"; idempotent?: boolean } = {},
) => scriptedTool(name, script, options);

/** Runs steps, each on a line of its own. */
const run = (steps: readonly string[], tools: readonly ScriptedTool[] = [], more: Partial<RunOptions> = {}) =>
  runPlan(`plan: p\nonFailure: continue\nsteps:\n${steps.map((step) => `  ${step}\n`).join("")}`, { ...more, tools });

const stateOf = ({ state }: PlanRun, step: string): string => findStep(state, step)?.record.chart.value ?? "none";

/** Milliseconds from the plan's start to the first call of each step. */
const beganAt = (tools: readonly ScriptedTool[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    tools
      .flatMap(({ calls }) => calls.map(({ step, at }): [string, number] => [step, at - Date.UTC(2026, 0, 1)]))
      .reverse(),
  );

describe("needs", () => {
  it("are every step that a template reads, and those that `needs` adds", async () => {
    const read = tool("read", () => takes(SECOND_MS, 1));
    await run(
      [
        "last: { tool: read, needs: [middle], with: { a: '${steps.first.output}' } }",
        "middle: { tool: read, needs: [first] }",
        "first: { tool: read }",
      ],
      [read],
    );
    expect(beganAt([read])).toEqual({ first: 0, middle: SECOND_MS, last: 2 * SECOND_MS });
  });
});

describe("join", () => {
  const race = async (then: string, more: readonly string[] = []) => {
    const slow = tool("slow", [takes(9 * SECOND_MS, 1)]);
    const quick = tool("quick", [takes(SECOND_MS, 1)]);
    const bad = tool("bad", [refused]);
    const next = tool("next", [1]);
    const steps = [
      "slow: { tool: slow }",
      "quick: { tool: quick }",
      "bad: { tool: bad }",
      `then: { tool: next, ${then} }`,
    ];
    const done = await run([...steps, ...more], [slow, quick, bad, next]);
    return { done, thenAt: beganAt([next]).then };
  };

  it("is `all` where nothing is said: every need must succeed", async () => {
    expect((await race("needs: [slow, quick]")).thenAt).toBe(9 * SECOND_MS);
    expect((await race("needs: [quick, bad]")).thenAt).toBeUndefined();
  });

  it("`any` goes on at the first success; a need that fails before is waited out", async () => {
    const { done, thenAt } = await race("needs: [bad, quick, slow], join: any");
    expect(thenAt).toBe(SECOND_MS);
    expect(stateOf(done, "slow")).toBe("succeeded");
    expect((await race("needs: [bad], join: any")).thenAt).toBeUndefined();
  });

  it("`{ first: n }` goes on at the nth success and calls the losers off", async () => {
    const { done, thenAt } = await race("needs: [bad, quick, slow], join: { first: 1 }");
    expect(thenAt).toBe(SECOND_MS);
    expect(stateOf(done, "slow")).toBe("cancelled");
    expect((await race("needs: [bad, quick, slow], join: { first: 2 }")).thenAt).toBe(9 * SECOND_MS);
  });

  it("`{ first: n }` leaves a loser alone that something else needs", async () => {
    const { done } = await race("needs: [quick, slow], join: { first: 1 }", ["other: { value: 1, needs: [slow] }"]);
    expect([stateOf(done, "slow"), stateOf(done, "other")]).toEqual(["succeeded", "succeeded"]);
  });
});

describe("when", () => {
  it("skips the step where it is false, and so whatever needs it, on and on", async () => {
    const done = await run([
      "a: { value: 1, when: false }",
      "b: { value: 1, needs: [a] }",
      "c: { value: 1, needs: [b] }",
      "d: { value: 1, when: '${1 < 2}' }",
    ]);
    expect(["a", "b", "c", "d"].map((step) => stateOf(done, step))).toEqual([
      "skipped",
      "skipped",
      "skipped",
      "succeeded",
    ]);
    expect(done.outcome).toBe("succeeded");
  });

  it("skips no step with `join: any` that has another need", async () => {
    const done = await run([
      "a: { value: 1, when: false }",
      "b: { value: 1 }",
      "c: { value: 1, needs: [a, b], join: any }",
    ]);
    expect(stateOf(done, "c")).toBe("succeeded");
  });
});

describe("retry.attempts", () => {
  const attempts = async (step: string, idempotent: boolean) => {
    const failing = tool("it", () => down, { idempotent });
    await run([`a: { tool: it${step} }`], [failing]);
    return failing.calls.length;
  };

  it("is 3 for an idempotent tool and 1 for another, where nothing is said", async () => {
    expect([await attempts("", true), await attempts("", false)]).toEqual([3, 1]);
  });

  it("counts the first attempt, and an answered failure is tried again in both", async () => {
    expect([await attempts(", retry: 2", true), await attempts(", retry: 2", false)]).toEqual([2, 2]);
  });
});

describe("timeout and deadline", () => {
  it("a timeout bounds an attempt, and is 5 minutes where nobody says otherwise", async () => {
    const slow = tool("slow", [hangs(), 1], { idempotent: true });
    const steps = (said: string) => [`a: { tool: slow, retry: { delay: 0ms, jitter: none }${said} }`];
    expect((await run(steps(""), [slow])).elapsedMs).toBe(5 * MINUTE_MS);
    const again = tool("slow", [hangs(), 1], { idempotent: true });
    expect((await run(steps(", timeout: 10s"), [again])).elapsedMs).toBe(10 * SECOND_MS);
  });

  it("a deadline bounds the step with all its attempts and waits; there is none where nobody says otherwise", async () => {
    const failing = tool("it", () => down, { idempotent: true });
    const step = "tool: it, retry: { attempts: 1000, delay: 10s, backoff: fixed, jitter: none }";
    const bound = await run([`a: { ${step}, deadline: 1m }`], [failing]);
    expect([bound.elapsedMs, stateOf(bound, "a")]).toEqual([MINUTE_MS, "failed"]);
    const free = await run([`a: { ${step} }`], [tool("it", () => down, { idempotent: true })]);
    expect(free.elapsedMs).toBe(999 * 10 * SECOND_MS);
  });
});

describe("fallback", () => {
  it("comes after the last attempt, in its order", async () => {
    const first = tool("first", () => down, { idempotent: true });
    const second = tool("second", () => refused);
    const done = await run(
      ["a: { tool: first, retry: 2, fallback: [{ tool: second }, { value: third }, { value: fourth }] }"],
      [first, second],
    );
    expect([first.calls.length, second.calls.length, await done.output("a")]).toEqual([2, 1, "third"]);
  });

  it("is passed over where it is for other failures than the last one", async () => {
    const fallback = "[{ value: slow, on: [timeout] }, { value: gone, on: [unavailable, not-found] }, { value: else }]";
    const after = async (script: Script<Json>, said = "") =>
      (
        await run([`a: { tool: it, retry: 1, timeout: 1s${said}, fallback: ${fallback} }`], [tool("it", script)])
      ).output("a");
    expect([await after([down]), await after([refused]), await after([hangs()], ", idempotent: true")]).toEqual([
      ...["gone", "else", "slow"],
    ]);
  });

  it("of an approval tells a denial from an expiry, and of a list goes by its first failed item", async () => {
    const asked = (approvals: RunOptions["approvals"]) =>
      run(
        [
          "a: { approve: { expires: 1m }, fallback: [{ value: late, on: [timeout] }, { value: no, on: [permission] }] }",
        ],
        [],
        approvals === undefined ? {} : { approvals },
      );
    expect([await (await asked({ a: "denied" })).output("a"), await (await asked(undefined)).output("a")]).toEqual([
      ...["no", "late"],
    ]);
    const each =
      "a: { each: [1, 2], do: { tool: it }, fallback: [{ value: odd, on: [conflict] }, { value: [], on: [validation] }] }";
    expect(await (await run([each], [tool("it", [refused])])).output("a")).toEqual([]);
  });

  it("has none where nothing is said, and the step fails", async () => {
    const done = await run(["a: { tool: it }"], [tool("it", [refused])]);
    expect([stateOf(done, "a"), done.outcome]).toEqual(["failed", "failed"]);
  });

  it("must fit the output of the step's own tool: before anything runs, where both are known", async () => {
    const unfit = run(["a: { tool: text.count, with: { text: x }, fallback: [{ value: none }] }"]);
    await expect(unfit).rejects.toMatchObject({ code: "plan-invalid", message: expect.stringContaining("fallback") });
  });

  it("must fit it when it arrives, where it is not known before: else it fails, and the next one applies", async () => {
    const [odd, other] = [tool("odd", () => 7), tool("other", () => 8)];
    const own = "tool: fs.read, with: { path: /none }";
    const value = "{ value: '${steps.odd.output}' }";
    const run = (fallback: string) =>
      runPlan(`plan: p\nsteps:\n  odd: { tool: odd }\n  a: { ${own}, fallback: ${fallback} }\n`, {
        tools: [odd, other],
      });
    const done = await run(`[${value}, { tool: other }, { value: third }]`);
    expect([await done.output("a"), other.calls.length]).toEqual(["third", 1]);
    const failed = await run(`[${value}]`);
    expect([failed.outcome, findStep(failed.state, "a")?.record.error?.code]).toEqual(["failed", "fallback-output"]);
  });
});

describe("idempotent", () => {
  const lost = async (sideEffects: "read" | "write", said = "") => {
    const silent = tool("it", [hangs(), 1], { sideEffects });
    const done = await run([`a: { tool: it, timeout: 1s${said} }`], [silent]);
    return [silent.calls.length, stateOf(done, "a")];
  };

  it("is what the tool says: true for one that only reads, else false", async () => {
    expect(await lost("read")).toEqual([2, "succeeded"]);
    expect(await lost("write")).toEqual([1, "unknown"]);
  });

  it("is what the step says, where it says something", async () => {
    expect(await lost("read", ", idempotent: false")).toEqual([1, "unknown"]);
    expect(await lost("write", ", idempotent: true, retry: 2")).toEqual([2, "succeeded"]);
  });
});
