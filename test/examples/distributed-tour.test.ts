import { describe, expect, it } from "vitest";
import { auditOf } from "../../examples/distributed/tour/audit.ts";
import type { Fact } from "../../examples/distributed/tour/facts.ts";
import { logPlaceOn } from "../../examples/distributed/tour/log-place.ts";

// What the tour of killed processes finds out: each of its claims is shown a history that breaks it.

const LOST = { step: "files", executor: "worker-a" };

const GOOD = historyOf([
  ["PlanDrafted", { steps: 2 }],
  ["PlanStarted", {}],
  ["StepDispatched", { step: "files", attempt: 1, executor: "worker-a" }],
  ["StepLost", { step: "files", attempt: 1, executor: "worker-a" }],
  ["StepDispatched", { step: "files", attempt: 2, executor: "worker-b" }],
  ["StepSucceeded", { step: "files", attempt: 2 }],
  ["StepSucceeded", { step: "value", attempt: 0 }],
  ["PlanSucceeded", {}],
]);

type Written = readonly [type: string, data: Fact["data"]];

function historyOf(facts: readonly Written[]): Fact[] {
  return facts.map(([type, data], revision) => ({ plan: "p", revision, type, data }));
}

/** The history with another one in the place of some facts, numbered anew. */
function spliced(at: number, removed: number, ...added: readonly Written[]): Fact[] {
  const written = GOOD.map(({ type, data }): Written => [type, data]);
  return historyOf(written.toSpliced(at, removed, ...added));
}

function broken(history: readonly Fact[], seen: readonly Fact[] = history): readonly string[] {
  return auditOf(history, seen, LOST).flatMap(({ claim, holds }) => (holds ? [] : [claim.split(" ")[0]!]));
}

describe("the audit of a history", () => {
  it("finds nothing in one that has everything once", () => {
    expect(broken(GOOD)).toEqual([]);
    expect(broken(GOOD, GOOD.slice(2, 5))).toEqual([]);
  });

  it.each<[string, Fact[], string]>([
    ["a plan that failed", spliced(7, 1, ["PlanFailed", {}]), "the"],
    ["an end that came twice", spliced(7, 0, ["PlanSucceeded", {}]), "the"],
    ["a step without success", spliced(6, 1), "each"],
    ["a success that came twice", spliced(6, 0, ["StepSucceeded", { step: "value", attempt: 0 }]), "each"],
    ["an attempt that ended twice", spliced(5, 0, ["StepFailed", { step: "files", attempt: 2 }]), "no"],
    ["an attempt that began twice", spliced(4, 0, ["StepDispatched", { step: "files", attempt: 2 }]), "no"],
    ["an attempt without end", spliced(2, 0, ["StepDispatched", { step: "other", attempt: 1 }]), "no"],
    ["a revision that is missing", GOOD.toSpliced(1, 1), "its"],
  ])("names %s", (_, history, claim) => {
    expect(broken(history, history.slice(0, 1))).toEqual([claim]);
  });

  it("names a fact that was told and is not there any more", () => {
    const other = { plan: "p", revision: 4, type: "StepFailed", data: { step: "files", attempt: 1 } };
    expect(broken(GOOD, [other])).toEqual(["all"]);
    expect(broken(GOOD, [{ ...other, revision: GOOD.length }])).toEqual(["all"]);
    expect(broken(GOOD, [])).toEqual(["all"]);
  });

  it("names a worker that had nothing when it was killed", () => {
    expect(broken(spliced(3, 1, ["StepFailed", { step: "files", attempt: 1 }]))).toEqual(["files"]);
  });
});

describe("the log of the tour on a server", () => {
  it("has a namespace of its own, and no password in the configuration", () => {
    const { store, env } = logPlaceOn("kurrentdb://ada:s%3Acret@db.example:2113,b:2113?tls=false&namespace=ours");
    expect(store).toMatch(/^kurrentdb:\/\/db\.example:2113,b:2113\?tls=false&namespace=tour-[0-9a-f-]{36}$/);
    expect(env).toEqual({ PLANWRIGHT_STORE_USER: "ada", PLANWRIGHT_STORE_PASSWORD: "s:cret" });
    expect(logPlaceOn("esdb://localhost:2113").env).toEqual({});
    expect(logPlaceOn("esdb://localhost:2113").store).toMatch(/^esdb:\/\/localhost:2113\?namespace=tour-/);
  });
});
