// What holds for every plan in every world, after every prefix of its events.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Fact, StepFact } from "#events/catalog.ts";
import { inline } from "#events/payload.ts";
import { decide } from "#machines/decide/decide.ts";
import { encodeState } from "#machines/snapshot.ts";
import { definitionAt, isEnded, needsAt, isPlanStopping, recordAt, type PlanState } from "#machines/state.ts";
import { findStep, stepIndex } from "#machines/step-path.ts";
import { Driver, replay } from "./driver.ts";
import { checkIndexes, indexesOf, throughSnapshot } from "./index-truth.ts";
import { EPOCH, planOf, tool, UNAVAILABLE, WORKER } from "./plans.ts";
import { live, turbulentWorlds, worlds, type Report } from "./world.ts";

/** The same worlds in every run: what they have found is fixed, and a red test is a change. */
const WORLDS = { numRuns: 300, seed: 20260101 };

describe("the fold", () => {
  it("keeps every index as a snapshot would rebuild it, after every event", () => {
    fc.assert(
      fc.property(turbulentWorlds, (world) => {
        live(world, {
          onFold: (_, state) => {
            expect(indexesOf(state)).toEqual(indexesOf(throughSnapshot(state)));
          },
        });
      }),
      WORLDS,
    );
  });

  it("keeps the indexes true to the records, after every event", () => {
    fc.assert(
      fc.property(turbulentWorlds, (world) => void live(world, { onFold: (_, state) => checkIndexes(state) })),
      WORLDS,
    );
  });

  it("starts no step before its needs, and none that a plan must not start", () => {
    fc.assert(
      fc.property(turbulentWorlds, (world) => {
        let before: PlanState | undefined;
        live(world, {
          onFold: (fact, state) => {
            if (before !== undefined) checkStart(fact, before);
            before = state.drafted === undefined ? undefined : throughSnapshot(state);
          },
        });
      }),
      WORLDS,
    );
  });

  it("ends in the same state from any cut through a snapshot", () => {
    fc.assert(
      fc.property(turbulentWorlds, fc.double({ min: 0, max: 1, noNaN: true }), (world, share) => {
        const { events, state } = live(world);
        const cut = 1 + Math.floor(share * (events.length - 1));
        const restored = throughSnapshot(replay(events.slice(0, cut)));
        expect(contentOf(replay(events.slice(cut), restored))).toEqual(contentOf(state));
        expect(contentOf(replay(events))).toEqual(contentOf(state));
      }),
      WORLDS,
    );
  });

  it("ends in the same state for any order of independent reports", () => {
    const outcomes = fc.array(fc.constantFrom("succeeded", "failed"), { minLength: 2, maxLength: 7 });
    const orders = outcomes.chain((kinds) =>
      fc.tuple(fc.constant(kinds), fc.shuffledSubarray([...kinds.keys()], { minLength: kinds.length })),
    );
    fc.assert(
      fc.property(orders, ([kinds, order]) => {
        const run = (sequence: readonly number[]) => {
          const driver = new Driver();
          const steps = kinds.map((_, index) => tool(`s${index}`, { retry: { ...RETRY, attempts: 1 + (index % 2) } }));
          const last = tool("last", { needs: steps.map(({ id }) => id), join: "any" });
          const definition = planOf([...steps, last], { onFailure: "continue" });
          driver.turn({ commands: [{ type: "StartPlan", definition, inputs: {} }] });
          for (const index of sequence) driver.turn({ commands: [reportOf(`s${index}`, kinds[index])], slots: 0 });
          return contentOf(driver.state);
        };
        expect(run(order)).toEqual(run([...kinds.keys()]));
      }),
    );
  });
});

describe("a report", () => {
  it("twice changes nothing the second time, at once or after everything else", () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const sent: Report[] = [];
        const { state } = live(world, {
          onAnswer: (report, decision, after) => {
            expect(decision.kind).not.toBe("rejected");
            expect(again(report, after)).toEqual({ kind: "duplicate" });
            sent.push(report);
          },
        });
        for (const report of sent) expect(again(report, state)).toEqual({ kind: "duplicate" });
      }),
      WORLDS,
    );
  });
});

describe("a plan", () => {
  it("ends in every world in which executors answer, and with the outcome that its steps have", () => {
    const ends = new Set<string>();
    fc.assert(
      fc.property(worlds, (world) => {
        const { state, events } = live(world);
        expect(isEnded(state)).toBe(true);
        const ended = events.findIndex(({ type }) => ENDS.has(type));
        expect(events.slice(ended + 1).filter(({ type }) => type !== "StepLateReported")).toEqual([]);
        if (state.header.value === "succeeded") expect(state.root?.failed).toBe(0);
        ends.add(state.header.value);
      }),
      WORLDS,
    );
    expect([...ends].sort()).toEqual(["cancelled", "failed", "rolled-back", "succeeded"]);
  });

  it("never runs a step again whose success was recorded", () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const done = new Set<string>();
        live(world, {
          onFold: (fact, state) => {
            if (fact.type === "StepDispatched") expect(done.has(fact.data.step)).toBe(false);
            if (!("step" in fact.data)) return;
            if (findStep(state, fact.data.step)?.record.chart.value === "succeeded") done.add(fact.data.step);
          },
        });
      }),
      WORLDS,
    );
  });
});

const ENDS: ReadonlySet<string> = new Set(["PlanSucceeded", "PlanFailed", "PlanCancelled", "PlanRolledBack"]);
const RETRY = { attempts: 1, delayMs: 100, maxDelayMs: 100, backoff: "fixed", jitter: "none" } as const;

function again(report: Report, state: PlanState) {
  return decide(report, state, { now: 0, epoch: EPOCH, random: () => 0.5 });
}

function reportOf(step: string, kind: string | undefined): Report {
  const outcome =
    kind === "failed"
      ? { kind: "failed" as const, error: UNAVAILABLE }
      : { kind: "succeeded" as const, output: inline(step) };
  return { type: "ReportAttempt", step, attempt: 1, executor: WORKER, outcome };
}

function contentOf(state: PlanState) {
  return { snapshot: encodeState(state), indexes: indexesOf(state) };
}

const STARTS: ReadonlySet<string> = new Set(["StepDispatched", "StepWaitStarted"]);

function isStart(fact: Fact): fact is StepFact {
  return STARTS.has(fact.type) || (fact.type === "StepSucceeded" && fact.data.attempt === 0);
}

function checkStart(fact: Fact, before: PlanState): void {
  if (!isStart(fact)) return;
  const index = stepIndex(before, fact.data.step);
  const needs = needsAt(before, index);
  const met = needs.filter((need) => recordAt(before, need).chart.value === "succeeded").length;
  const { join } = definitionAt(before, index);
  const wanted = join === "all" ? needs.length : join === "any" ? 1 : join.first;
  expect(met).toBeGreaterThanOrEqual(Math.min(wanted, needs.length));
  checkLeave(before, index);
  if (fact.data.step.startsWith("undo:")) return;
  expect(before.header.value).toBe("running");
  expect(isPlanStopping(before)).toBe(false);
}

/** Nobody's work starts on a question that was not answered: an approve step among its needs was, or ended otherwise. */
function checkLeave(before: PlanState, index: number): void {
  for (const need of needsAt(before, index)) {
    const { chart, approved, output } = recordAt(before, need);
    if (definitionAt(before, need).kind !== "approve" || chart.value !== "succeeded") continue;
    expect(approved.length > 0 || output !== undefined).toBe(true);
  }
  expect(recordAt(before, index).givenUpFor).toBeUndefined();
}
