// Words and bounds that the schemas hold, each where a plan or a log would miss it.
import { describe, expect, it } from "vitest";
import { assertKnown, decode, encode, fact, isPlanFact, type Fact } from "#events/catalog.ts";
import { planDefinition } from "#events/definition.ts";
import { NO_STREAM } from "#events/envelope.ts";
import { errorOf } from "#events/errors.ts";
import { INLINE_LIMIT_BYTES, inline, LIST_RUN_BYTES } from "#events/payload.ts";

const attempt = { step: "a", attempt: 1 };
const error = errorOf("internal", "broken", "it broke");
const late = { ...attempt, executor: "w" as never, adopted: false, undoDue: false };

const facts: readonly Fact[] = [
  fact("StepLateReported", { ...late, outcome: { kind: "succeeded", output: inline(1) } }),
  fact("StepLateReported", { ...late, outcome: { kind: "failed", error } }),
  fact("StepLateReported", { ...late, outcome: { kind: "cancelled" } }),
  fact("StepOutcomeResolved", { ...attempt, resolution: { kind: "done", output: inline(1) } }),
  fact("StepOutcomeResolved", { ...attempt, resolution: { kind: "retry", dueAt: 5 } }),
  fact("StepOutcomeResolved", { ...attempt, resolution: { kind: "fail", error } }),
  fact("StepOutcomeResolved", { ...attempt, resolution: { kind: "ask" } }),
  ...(["added", "removed", "changed"] as const).map((change) =>
    fact("PlanRevised", {
      epoch: 1,
      edition: 2,
      definition: inline({}),
      definitionHash: "0",
      steps: 1,
      changes: [{ step: "a", change, words: [] }],
      words: [],
    }),
  ),
];

const retry = { attempts: 2, delayMs: 1, maxDelayMs: 9, backoff: "fixed", jitter: "decorrelated" };
const step = {
  kind: "tool",
  id: "a",
  needs: [],
  call: { tool: "t", version: "1.0.0", idempotent: true, timeoutMs: 9 },
  retry,
};
const read = (steps: readonly unknown[]) => planDefinition.safeParse({ name: "p", steps });

describe("a fact with one of several ends", () => {
  it.each(facts)("is read as it was written %#", (source) => {
    expect(decode(encode(source))).toEqual(source);
  });
});

describe("an event", () => {
  const event = { type: "PlanReleased", schemaVersion: 1, data: {} };

  it("is known by its type and version, without a look at its data", () => {
    expect(() => {
      assertKnown(event);
    }).not.toThrow();
    expect(() => {
      assertKnown({ ...event, schemaVersion: 2 });
    }).toThrow(expect.objectContaining({ code: "newer-event" }) as Error);
    expect(() => {
      assertKnown({ ...event, type: "PlanVanished" });
    }).toThrow(expect.objectContaining({ code: "unknown-event" }) as Error);
  });

  it("without an object in it is malformed, by that name", () => {
    for (const data of [null, "a", [1], 7])
      expect(() => decode({ type: "StepWaitEnded", schemaVersion: 1, data })).toThrow(/carries no object/);
  });

  it("is about the plan, or not", () => {
    expect(isPlanFact(fact("PlanPaused", { epoch: 1 }))).toBe(true);
    expect(isPlanFact(fact("StepCancelled", attempt))).toBe(false);
    expect(isPlanFact(fact("PlanReleased", { plan: "x" as never }))).toBe(false);
  });
});

describe("a definition", () => {
  it("is completed with what is meant where nothing is said", () => {
    const filled = read([step]);
    expect(filled.data).toMatchObject({
      version: "0.0.0",
      inputs: {},
      steps: [{ join: "all", fallback: [], unknown: "ask", retry }],
    });
  });

  it("has a step at least, and so has each block inside", () => {
    const around = (steps: readonly unknown[]) => ({
      kind: "each",
      id: "b",
      needs: [],
      items: [1],
      as: "item",
      body: { steps },
      concurrency: 1,
      tolerate: { count: 0 },
    });
    expect(read([around([step])]).success).toBe(true);
    expect(read([around([step, { ...step, id: "c" }])]).success).toBe(true);
    expect(read([around([])]).success).toBe(false);
    expect(read([]).success).toBe(false);
  });
});

describe("the bounds of a log", () => {
  it("are what stores and pages say of them", () => {
    expect(NO_STREAM).toBe(-1);
    expect([INLINE_LIMIT_BYTES, LIST_RUN_BYTES]).toEqual([32_768, 262_144]);
    expect(errorOf("internal", "broken", "x".repeat(100_000)).message.length).toBeLessThan(10_000);
  });
});
