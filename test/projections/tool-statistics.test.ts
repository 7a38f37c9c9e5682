import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Fact, FactOf } from "#events/catalog.ts";
import { decode } from "#events/catalog.ts";
import type { Json } from "#events/json.ts";
import {
  emptyStatistics,
  mergeStatistics,
  reportOf,
  toolsView,
  type ToolStatistics,
} from "#projections/tool-statistics.ts";
import { dispatched, failed, GIVEN_AT, late, lost, NOW, PLAN, succeeded, timedOut } from "../machines/plans.ts";
import { live, turbulentWorlds } from "../machines/world.ts";

/** The view's documents after some facts, kept as a projector keeps them. */
function statisticsOf(facts: readonly { readonly fact: Fact; readonly at: number }[]): Map<string, ToolStatistics> {
  const documents = new Map<string, ToolStatistics>();
  const memory = new Map<string, Json>();
  for (const { fact, at } of facts) {
    if (!toolsView.reads.has(fact.type)) continue;
    const viewed = { plan: PLAN, fact, at };
    const place = toolsView.memory?.key(viewed);
    const remembered = memory.get(place ?? "") as { tool: string } | undefined;
    const key = toolsView.key(viewed, remembered);
    if (key !== undefined) {
      documents.set(key, toolsView.evolve(documents.get(key) ?? toolsView.initial(), viewed, remembered));
    }
    const next = toolsView.memory?.evolve(remembered, viewed);
    if (place === undefined) continue;
    if (next === undefined) memory.delete(place);
    else memory.set(place, next);
  }
  return documents;
}

const told = (...facts: readonly Fact[]) => statisticsOf(facts.map((fact) => ({ fact, at: NOW })));
const reportAfter = (...facts: readonly Fact[]) => reportOf("test.tool@1.0.0", told(...facts).get("test.tool@1.0.0")!);

describe("the statistics of a tool", () => {
  it("count every attempt by how it ended, and failures by category", () => {
    const report = reportAfter(
      dispatched("a"),
      failed("a", { next: { kind: "retry", dueAt: NOW, delayMs: 0 } }),
      dispatched("a", { attempt: 2 }),
      timedOut("a", { attempt: 2, next: { kind: "retry", dueAt: NOW, delayMs: 0 } }),
      dispatched("a", { attempt: 3 }),
      lost("a", { attempt: 3, next: { kind: "fallback", index: 0 } }),
      dispatched("a", { attempt: 4 }),
      succeeded("a", { attempt: 4 }),
      dispatched("b"),
    );
    expect(report).toMatchObject({ attempts: 5, inFlight: 1, succeeded: 1, timedOut: 1, lost: 1, cancelled: 0 });
    expect(report).toMatchObject({ failed: { unavailable: 1 }, successShare: 0.25 });
    expect(report.followedBy).toEqual({ retry: 2, fallback: 1, unknown: 0, final: 0, cancelled: 0 });
  });

  it("tell how long successes and failures took, apart from each other", () => {
    const report = reportAfter(
      dispatched("a"),
      succeeded("a", { durationMs: 20 }),
      dispatched("b"),
      succeeded("b", { durationMs: 40 }),
      dispatched("c"),
      failed("c", { durationMs: 5_000 }),
      dispatched("d"),
      succeeded("d"),
    );
    expect(report.latency).toMatchObject({ count: 2, minMs: 20, maxMs: 40 });
    expect(report.failureLatency).toMatchObject({ count: 1, minMs: 5_000, maxMs: 5_000 });
  });

  it("are kept for each version, whatever the alternative was that called it", () => {
    const statistics = told(
      dispatched("a"),
      dispatched("b", { toolVersion: "2.0.0-rc.1", alternative: 0 }),
      succeeded("b"),
      dispatched("c", { tool: "other.tool" }),
    );
    expect([...statistics.keys()]).toEqual(["test.tool@1.0.0", "test.tool@2.0.0-rc.1", "other.tool@1.0.0"]);
    const report = reportOf("test.tool@2.0.0-rc.1", statistics.get("test.tool@2.0.0-rc.1")!);
    expect(report).toMatchObject({ tool: "test.tool", version: "2.0.0-rc.1", succeeded: 1 });
  });

  it("say nothing of steps that no tool ran, nor of what is heard after an attempt has ended", () => {
    expect(told(succeeded("a", { attempt: 0 }), failed("b", { attempt: 0 })).size).toBe(0);
    const before = reportAfter(dispatched("a"), lost("a", { next: { kind: "unknown", policy: "ask" } }));
    expect(reportAfter(dispatched("a"), lost("a", { next: { kind: "unknown", policy: "ask" } }), late("a"))).toEqual(
      before,
    );
  });

  it("tell when the tool was first and last called", () => {
    const statistics = statisticsOf([
      { fact: dispatched("a"), at: NOW },
      { fact: dispatched("b"), at: GIVEN_AT },
    ]);
    expect(statistics.get("test.tool@1.0.0")).toMatchObject({ firstAt: GIVEN_AT, lastAt: NOW });
  });

  it("agree with a count by hand of any history", () => {
    fc.assert(
      fc.property(turbulentWorlds, (world) => {
        const facts = live(world).events.map((event) => ({ fact: decode(event), at: event.origin.occurredAt }));
        for (const [key, statistics] of statisticsOf(facts)) {
          const {
            attempts,
            succeeded: successes,
            timedOut: timeouts,
            lost: losses,
            cancelled,
            failed: failures,
          } = statistics;
          const ends = endsOf(
            facts.map(({ fact }) => fact),
            key,
          );
          const counted = { attempts, successes, timeouts, losses, cancelled, failures: sum(failures) };
          expect(counted).toEqual(ends);
          expect(sum(statistics.followedBy)).toBe(ends.timeouts + ends.losses + ends.failures);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("merge exactly, in any order and grouping", () => {
    const histories = fc.array(turbulentWorlds, { minLength: 3, maxLength: 3 }).map((worlds) =>
      worlds.map((world) => {
        const facts = live(world).events.map((event) => ({ fact: decode(event), at: event.origin.occurredAt }));
        return statisticsOf(facts).get("test.tool@1.0.0") ?? emptyStatistics();
      }),
    );
    fc.assert(
      fc.property(histories, ([a, b, c]) => {
        const left = mergeStatistics(mergeStatistics(a!, b!), c!);
        expect(mergeStatistics(a!, mergeStatistics(b!, c!))).toEqual(left);
        expect(mergeStatistics(mergeStatistics(c!, b!), a!)).toEqual(left);
        expect(left.attempts).toBe(a!.attempts + b!.attempts + c!.attempts);
        expect(mergeStatistics(a!, emptyStatistics())).toEqual(a!);
      }),
      { numRuns: 30 },
    );
  });
});

/** Every first end of an attempt is looked for among the dispatches before it, one by one. */
function endsOf(facts: readonly Fact[], key: string) {
  const ends = { attempts: 0, successes: 0, timeouts: 0, losses: 0, cancelled: 0, failures: 0 };
  const counter = {
    StepSucceeded: "successes",
    StepTimedOut: "timeouts",
    StepLost: "losses",
    StepCancelled: "cancelled",
    StepFailed: "failures",
  } as const;
  facts.forEach((fact, index) => {
    if (fact.type === "StepDispatched") ends.attempts += keyOf(fact) === key ? 1 : 0;
    if (!isEnd(fact)) return;
    const { step, attempt } = fact.data;
    const dispatch = facts.slice(0, index).find((one): one is FactOf<"StepDispatched"> => {
      return one.type === "StepDispatched" && one.data.step === step && one.data.attempt === attempt;
    });
    const isFirst = !facts
      .slice(0, index)
      .some((one) => isEnd(one) && one.data.step === step && one.data.attempt === attempt);
    if (dispatch !== undefined && keyOf(dispatch) === key && isFirst) ends[counter[fact.type]]++;
  });
  return ends;
}

type End = FactOf<"StepSucceeded" | "StepTimedOut" | "StepLost" | "StepCancelled" | "StepFailed">;

function isEnd(fact: Fact): fact is End {
  return ["StepSucceeded", "StepTimedOut", "StepLost", "StepCancelled", "StepFailed"].includes(fact.type);
}

function keyOf({ data }: FactOf<"StepDispatched">): string {
  return `${data.tool}@${data.toolVersion}`;
}

function sum(counts: Readonly<Partial<Record<string, number>>>): number {
  return Object.values(counts).reduce<number>((total, one) => total + (one ?? 0), 0);
}
