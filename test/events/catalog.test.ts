import { describe, expect, it } from "vitest";
import { z } from "zod";
import { catalog, decode, encode, fact, isFactType, isStepFact, read, row } from "#events/catalog.ts";
import { Fault } from "#events/fault.ts";
import type { Json } from "#events/json.ts";
import { inline, valueOf } from "#events/payload.ts";

const event = (type: string, schemaVersion: number, data: Json) => ({ type, schemaVersion, data });
const faultOf = (action: () => unknown): unknown => {
  try {
    action();
    return undefined;
  } catch (error) {
    return error instanceof Fault ? { code: error.code, message: error.message } : error;
  }
};

describe("a fact", () => {
  const lost = fact("StepLost", { step: "a", attempt: 2, executor: "w" as never, next: { kind: "final" } });

  it("survives encoding, JSON and decoding", () => {
    const encoded = encode(lost);
    expect(encoded).toEqual(event("StepLost", 1, lost.data));
    expect(decode(JSON.parse(JSON.stringify(encoded)) as typeof encoded)).toEqual(lost);
  });

  it("belongs to a plan, a step or the system", () => {
    expect(isStepFact(lost)).toBe(true);
    expect(isStepFact(fact("PlanReleased", { plan: "x" as never }))).toBe(false);
    expect(isFactType("StepLost")).toBe(true);
    expect(isFactType("toString")).toBe(false);
  });

  it("is written with the version of its schema", () => {
    for (const { version, upcasters } of Object.values(catalog)) expect(version).toBe(upcasters.length + 1);
  });
});

describe("decoding", () => {
  it("refuses a type that nobody knows, also one that every object has", () => {
    expect(faultOf(() => decode(event("StepVanished", 1, {})))).toMatchObject({ code: "unknown-event" });
    expect(faultOf(() => decode(event("constructor", 1, {})))).toMatchObject({ code: "unknown-event" });
  });

  it("refuses a version from the future, and one that never was", () => {
    const data = { step: "a" };
    expect(faultOf(() => decode(event("StepWaitEnded", 2, data)))).toMatchObject({ code: "newer-event" });
    for (const version of [0, -1, 0.5, Number.NaN]) {
      expect(faultOf(() => decode(event("StepWaitEnded", version, data)))).toMatchObject({ code: "malformed-event" });
    }
  });

  it("names the field that does not fit", () => {
    const next = { kind: "retry", dueAt: "soon", delayMs: 1 };
    const data = { step: "a", attempt: 1, executor: "w", next };
    expect(faultOf(() => decode(event("StepLost", 1, data)))).toMatchObject({
      code: "malformed-event",
      message: expect.stringContaining("StepLost.next.dueAt"),
    });
  });

  it.each([[null], ["text"], [[]], [7]])("refuses data that is no object: %j", (data) => {
    expect(faultOf(() => decode(event("StepWaitEnded", 1, data)))).toMatchObject({ code: "malformed-event" });
  });

  it("ignores fields that a later version added", () => {
    expect(decode(event("StepWaitEnded", 1, { step: "a", colour: "red" })).data).toEqual({ step: "a" });
  });
});

describe("an upcaster", () => {
  const raised = row("step", z.object({ waitMs: z.number(), unit: z.string(), note: z.string().default("none") }), [
    (data) => ({ wait: (data as { seconds: number }).seconds }),
    (data) => ({ waitMs: (data as { wait: number }).wait * 1000, unit: "ms" }),
  ]);

  it("brings an old version to today's, one version after the other", () => {
    expect(raised.version).toBe(3);
    const today = { waitMs: 2000, unit: "ms", note: "none" };
    expect(read(raised, event("Waited", 1, { seconds: 2 }))).toEqual(today);
    expect(read(raised, event("Waited", 2, { wait: 2 }))).toEqual(today);
    expect(read(raised, event("Waited", 3, { waitMs: 2000, unit: "ms" }))).toEqual(today);
  });

  it("is checked by today's schema as well", () => {
    expect(faultOf(() => read(raised, event("Waited", 1, { seconds: "two" })))).toMatchObject({
      code: "malformed-event",
      message: expect.stringContaining("Waited.waitMs"),
    });
  });
});

describe("a payload", () => {
  it("is its inline value, or the blob that it names as far as it is loaded", () => {
    const ref = "ab".repeat(32);
    const blobs = { get: (wanted: string) => (wanted === ref ? [1, 2] : undefined) };
    expect(valueOf(inline({ a: 1 }), blobs)).toEqual({ a: 1 });
    expect(valueOf({ blob: ref as never, bytes: 5 }, blobs)).toEqual([1, 2]);
    expect(valueOf({ blob: "cd".repeat(32) as never, bytes: 5 }, blobs)).toBeUndefined();
  });
});
