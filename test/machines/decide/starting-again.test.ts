// What a step asks before it starts: once, only where somebody could take it, and for itself alone.
import { describe, expect, it } from "vitest";
import type { Fact } from "#events/catalog.ts";
import type { StepDefinition } from "#events/definition.ts";
import { blobRef } from "#events/payload.ts";
import { advance } from "#machines/advance.ts";
import { NO_BLOBS } from "#machines/blobs.ts";
import type { Slots } from "#machines/decide/decision.ts";
import { decide } from "#machines/decide/decide.ts";
import { follows } from "../begun.ts";
import { after as stateAfter } from "../folded.ts";
import { call, dispatched, EPOCH, failed, NOW, planOf, started, succeeded, tool, WORKER } from "../plans.ts";
import { report } from "../reports.ts";

const REF = blobRef.parse("a".repeat(64));
const BLOB = { blob: REF, bytes: 50_000 };
const after = (steps: readonly StepDefinition[]): readonly Fact[] => [
  ...started(planOf([tool("z"), ...steps])),
  dispatched("z"),
  succeeded("z", { output: BLOB }),
];
const moment = { now: NOW, epoch: EPOCH, random: () => 0.5 };

describe("a step that starts again", () => {
  it("does not ask its condition a second time", () => {
    const given = after([tool("a", { needs: ["z"], when: "steps.z.output.go" })]);
    expect(follows(given)).toEqual({ kind: "needs-blobs", refs: [REF] });
    const next = { kind: "retry", dueAt: NOW, delayMs: 0 } as const;
    const again = [...given, dispatched("a"), failed("a", { next })];
    expect(follows(again)).toMatchObject({ facts: [{ type: "StepDispatched", data: { step: "a", attempt: 2 } }] });
  });
});

describe("a step that nobody could take", () => {
  it("has nothing read for it", () => {
    const given = after([tool("a", { needs: ["z"], key: "k-${steps.z.output.k}" })]);
    expect(follows(given, { slots: 0 })).toEqual({ kind: "idle" });
    expect(follows(given)).toEqual({ kind: "needs-blobs", refs: [REF] });
  });

  it("waits where an executor is free, but not what the step holds while it runs", () => {
    const slots: Slots = { executorFor: (_, claims) => (claims.length === 0 ? WORKER : undefined) };
    const next = (step: StepDefinition) =>
      advance(stateAfter(started(planOf([step]))), { moment, slots, blobs: NO_BLOBS });
    expect(next(tool("a", { pool: "gpu" }))).toEqual({ kind: "idle" });
    expect(next(tool("a"))).toMatchObject({ facts: [{ type: "StepDispatched" }] });
  });
});

describe("a fallback", () => {
  const given = (fields: Parameters<typeof tool>[1]) => [
    ...started(planOf([tool("a", { fallback: [call()], ...fields })])),
    dispatched("a"),
    failed("a", { next: { kind: "fallback", index: 0 } }),
    dispatched("a", { attempt: 2, alternative: 0 }),
  ];
  const told = (facts: readonly Fact[]) =>
    decide(report({ kind: "succeeded", output: BLOB }, 2), stateAfter(facts), moment);

  it("gives what it likes where nothing is said of the step's output: it is not read", () => {
    expect(told(given({}))).toMatchObject({ facts: [{ type: "StepSucceeded", data: { output: BLOB } }] });
  });

  it("is read where something is", () => {
    expect(told(given({ fits: { type: "object" } }))).toEqual({ kind: "needs-blobs", refs: [REF] });
  });
});
