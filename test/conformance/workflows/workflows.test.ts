// Every workflow that there is a trace of, as a plan on the real runtime: in the order that its dependencies allow, on few slots
// and on enough, and stopped and continued in the middle.
import { describe, expect, it } from "vitest";
import { fact } from "#events/catalog.ts";
import { SeededRandom } from "#src/testing/seeded-random.ts";
import { requireServer } from "../../require.ts";
import { criticalPathMs, grahamMs, leastMs } from "./bounds.ts";
import { violations } from "./judge.ts";
import { runWorkflow, STOPS, type WorkflowRun } from "./run-workflow.ts";
import { stopOf } from "./stop.ts";
import { readWorkflow, workflowNames, type Task } from "./workflow.ts";

const MAX_SLOTS = 16;
/** Workflows whose traces are there. */
const WORKFLOWS = 42;
const SLOW_TEST_MS = 60_000;

const names = workflowNames();

requireServer("wfinstances", names.length > 0)("a workflow", () => {
  it("is each of those that there are", () => expect(names).toHaveLength(WORKFLOWS));

  describe.each(names.map((name, index) => ({ name, seed: index + 1 })))("$name, seed $seed", ({ name, seed }) => {
    const workflow = readWorkflow(name);
    const { tasks } = workflow;
    const slots = new SeededRandom(seed).int(2, MAX_SLOTS);

    it("takes its critical path on as many slots as it wants", { timeout: SLOW_TEST_MS }, async () => {
      const run = await runWorkflow(workflow, { slots: tasks.length, seed });
      expect(violations(run)).toEqual([]);
      expect(run.makespanMs).toBe(criticalPathMs(tasks));
    });

    it(`takes no longer than list scheduling on ${slots} slots`, { timeout: SLOW_TEST_MS }, async () => {
      expect(violations(await runWorkflow(workflow, { slots, seed }))).toEqual([]);
    });

    const stop = stopOf(workflow, seed);
    it(`goes on after it was ${stop.kind}, at fact ${stop.afterFacts}`, { timeout: SLOW_TEST_MS }, async () => {
      const run = await runWorkflow(workflow, { slots, seed, stop });
      expect(violations(run)).toEqual([]);
      expect(run.stopped?.facts).toBeLessThan(run.facts.length);
    });
  });
});

const FORK: readonly Task[] = [
  { id: "a", parents: [], durationMs: 1_000 },
  { id: "b", parents: [0], durationMs: 4_000 },
  { id: "c", parents: [0], durationMs: 3_000 },
  { id: "d", parents: [1, 2], durationMs: 500 },
];

describe("the bounds of a workflow", () => {
  it("are its longest chain, its work, and what list scheduling may cost", () => {
    expect(criticalPathMs(FORK)).toBe(5_500);
    expect(leastMs(FORK, 4)).toBe(5_500);
    expect(leastMs(FORK, 1)).toBe(8_500);
    expect(grahamMs(FORK, 1)).toBe(8_500);
    expect(grahamMs(FORK, 2)).toBe(8_500 / 2 + 5_500 / 2);
    expect(criticalPathMs(FORK, (task) => task > 1)).toBe(3_500);
    expect(() => criticalPathMs([{ id: "a", parents: [0], durationMs: 1 }])).toThrow("circle");
  });
});

describe("the judge of a run", () => {
  const fork = { name: "fork", tasks: FORK };
  const good = () => runWorkflow(fork, { slots: 2 });
  const typeOf = (run: WorkflowRun, type: string, step: string) => {
    const found = run.facts.find(({ fact: { type: is, data } }) => is === type && "step" in data && data.step === step);
    return found!;
  };

  it("finds nothing in a run that is right, however it was stopped", async () => {
    expect(violations(await good())).toEqual([]);
    for (const kind of STOPS) {
      for (let afterFacts = 3; afterFacts < 10; afterFacts++) {
        const run = await runWorkflow(fork, { slots: 2, stop: { afterFacts, kind } });
        expect(violations(run), `${kind} at ${afterFacts}`).toEqual([]);
      }
    }
  });

  it("finds a second run, a second success, and a start before its time", async () => {
    const run = await good();
    const [dispatch, success] = [typeOf(run, "StepDispatched", "t1"), typeOf(run, "StepSucceeded", "t0")];
    const withFacts = (facts: WorkflowRun["facts"]) => violations({ ...run, facts });
    const [end] = run.facts.slice(-1);
    expect(violations({ ...run, calls: [...run.calls, { task: 1, atMs: 0 }] })).toEqual(["t1 ran 2 times"]);
    expect(withFacts([...run.facts.slice(0, -1), dispatch, end!])).toContain("t1 was dispatched after its success");
    expect(withFacts([...run.facts.slice(0, -1), success, end!])).toContain("t0 succeeded 2 times");
    expect(withFacts([dispatch, ...run.facts.filter((one) => one !== dispatch)])).toContain(
      "t1 was dispatched before t0 succeeded",
    );
    expect(withFacts(run.facts.filter((one) => one !== success))).toContain("t0 succeeded 0 times");
    expect(withFacts(run.facts.slice(0, -1))).toContain("the plan ended as StepSucceeded");
  });

  it("finds a run that is too fast to be true, and one in which slots stood idle", async () => {
    const run = await good();
    expect(violations({ ...run, makespanMs: 5_499 })).toEqual(["the run took 5499 ms, not 5500 to 7000"]);
    expect(violations({ ...run, makespanMs: 7_001 })).toEqual(["the run took 7001 ms, not 5500 to 7000"]);
    const stopped = await runWorkflow(fork, { slots: 2, stop: { afterFacts: 6, kind: "closed" } });
    expect(stopped).toMatchObject({ stopped: { atMs: 1_000 }, makespanMs: 1_000 + 1 + 4_500 });
    expect(violations({ ...stopped, makespanMs: 7_002 })).toEqual(["the run took 7002 ms, not 5500 to 7001"]);
  });

  it("finds an attempt too many, a late success, and a loss for no reason", async () => {
    const run = await good();
    expect(violations({ ...run, slots: 1 })).toContain("2 attempts on 1 slots at t2");
    const late = run.facts.map((one) => (one.fact.type === "StepSucceeded" ? { ...one, atMs: one.atMs + 1 } : one));
    expect(violations({ ...run, facts: late })).toContain("t0 took 1001 ms, not 1000");
    const { fact: sent } = typeOf(run, "StepDispatched", "t0");
    const executor = sent.type === "StepDispatched" ? sent.data.executor : undefined;
    const lost = fact("StepLost", { step: "t0", attempt: 1, executor: executor!, next: { kind: "final" } });
    expect(
      violations({ ...run, facts: [...run.facts.slice(0, 4), { fact: lost, atMs: 0 }, ...run.facts.slice(4)] }),
    ).toContain("t0 was lost, and was not under way when the engine stopped");
  });
});
