import { describe, expect, it } from "vitest";
import { Fault } from "#events/fault.ts";
import { fact } from "#events/catalog.ts";
import type { Json } from "#events/json.ts";
import { INLINE_LIMIT_BYTES, LIST_RUN_BYTES, type Payload } from "#events/payload.ts";
import { memoryBlobs, type BlobContents } from "#src/blobs/memory.ts";
import { Payloads } from "#src/runtime/payloads.ts";
import { planOf, tool, value } from "../machines/plans.ts";
import { Machine, SECOND_MS } from "./kit.ts";

const LARGE = "z".repeat(50_000);
const isBlob = (source: Payload | undefined): boolean => source !== undefined && "blob" in source;

describe("a payload", () => {
  it("stays in its fact up to the inline limit, and not a byte beyond", () => {
    const payloads = new Payloads(memoryBlobs());
    const quotes = 2;
    const pending: Promise<unknown>[] = [];
    expect(isBlob(payloads.offload({ inline: "x".repeat(INLINE_LIMIT_BYTES - quotes) }, pending))).toBe(false);
    expect(isBlob(payloads.offload({ inline: "x".repeat(INLINE_LIMIT_BYTES - quotes + 1) }, pending))).toBe(true);
    // Two bytes each in UTF-8: the limit counts bytes of JSON text, not characters.
    expect(isBlob(payloads.offload({ inline: "é".repeat(INLINE_LIMIT_BYTES / 2) }, pending))).toBe(true);
    expect(isBlob(payloads.offload({ inline: "\n".repeat(INLINE_LIMIT_BYTES / 2) }, pending))).toBe(true);
    expect(pending).toHaveLength(3);
  });

  it("over the limit is a blob in every fact that can carry one", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.on("a", () => LARGE);
    const definition = planOf(
      [
        tool("a", {}, { with: { text: "${inputs.text}" } }),
        value("v", "${steps.a.output + steps.a.output}", { needs: ["a"] }),
      ],
      {
        description: LARGE,
        outputs: { text: "${steps.v.output}" },
        respond: "${steps.v.output}",
      },
    );
    const plan = await machine.answer(engine.start(definition, { text: LARGE }));
    const state = await machine.settled(engine, plan);
    expect(state.header.value).toBe("succeeded");
    expect(isBlob(machine.factsOf(plan, "PlanDrafted")[0]?.definition)).toBe(true);
    expect(isBlob(machine.factsOf(plan, "PlanStarted")[0]?.inputs)).toBe(true);
    expect(isBlob(machine.factsOf(plan, "StepDispatched")[0]?.args)).toBe(true);
    expect(machine.factsOf(plan, "StepSucceeded").map(({ output }) => isBlob(output))).toEqual([true, true]);
    expect(isBlob(machine.factsOf(plan, "PlanSucceeded")[0]?.outputs)).toBe(true);
    expect(isBlob(machine.factsOf(plan, "PlanSucceeded")[0]?.response)).toBe(true);
    expect(machine.calls[0]!.args).toEqual({ text: LARGE });
    expect(await machine.answer(engine.plans.value(state.response!))).toBe(LARGE + LARGE);
  });

  it("is durable before the fact that cites it is appended", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.on("a", () => LARGE);
    const written = Promise.withResolvers<undefined>();
    machine.disturb.beforePut = () => written.promise;
    const plan = await machine.answer(engine.start(planOf([tool("a")]), {}));
    await machine.pass(5 * SECOND_MS);
    expect(machine.calls).toHaveLength(1);
    expect(machine.tried).toHaveLength(1);
    expect(machine.sentOf("acknowledged")).toEqual([]);
    written.resolve(undefined);
    expect((await machine.settled(engine, plan)).header.value).toBe("succeeded");
  });

  it("that a full disk refuses appends nothing, and the plan goes on when there is space again", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    const troubles: (string | undefined)[] = [];
    engine.onTrouble((trouble) => troubles.push(trouble?.message));
    machine.on("a", () => LARGE);
    machine.disturb.beforePut = () => {
      throw new Fault("store-full", "no space left for blobs", { retryable: true });
    };
    const plan = await machine.answer(engine.start(planOf([tool("a")]), {}));
    await machine.pass(60 * SECOND_MS);
    expect(machine.tried).toHaveLength(1);
    expect(machine.sentOf("acknowledged")).toEqual([]);
    expect(engine.quarantined()).toEqual([]);
    expect(new Set(troubles)).toEqual(new Set(["no space left for blobs"]));
    machine.disturb.beforePut = () => undefined;
    expect((await machine.settled(engine, plan, 10 * SECOND_MS)).header.value).toBe("succeeded");
    expect(machine.calls).toHaveLength(1);
    expect(troubles.at(-1)).toBeUndefined();
  });

  it("whose write fails while nobody awaits it yet is no unhandled failure", async () => {
    const failing = { ...memoryBlobs(), put: () => Promise.reject(new Fault("store-unavailable", "the disk is gone")) };
    const pending: Promise<unknown>[] = [];
    new Payloads(failing).offload({ inline: LARGE }, pending);
    await new Machine().pass(1);
    await expect(Promise.all(pending)).rejects.toMatchObject({ message: "the disk is gone" });
  });

  it("that cannot be kept for good quarantines its plan with the reason, and nothing is appended", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.on("a", () => LARGE);
    machine.disturb.beforePut = () => {
      throw new Fault("store-unavailable", "the disk is gone");
    };
    const plan = await machine.answer(engine.start(planOf([tool("a")]), {}));
    await machine.until(() => engine.quarantined().length === 1);
    expect(engine.quarantined()[0]).toMatchObject({ plan, message: "the disk is gone" });
    expect(machine.story(plan)).not.toContain("StepSucceeded a");
  });
});

describe("a long list that is read entry by entry", () => {
  const entries = Array.from({ length: 9_000 }, (_, id) => ({ id, text: "x".repeat(100) }));

  it("is kept in runs, none of them longer than the limit, and is the same list as a whole", async () => {
    const contents: BlobContents = new Map();
    const payloads = new Payloads(memoryBlobs(contents));
    const pending: Promise<unknown>[] = [];
    const kept = payloads.offload({ inline: entries }, pending, "by-entry");
    await Promise.all(pending);
    expect(kept).toMatchObject({ list: expect.any(String), count: entries.length });
    const runs = [...contents.keys()].filter((ref) => !("list" in kept && kept.list === ref));
    expect(runs.length).toBeGreaterThan(3);
    for (const run of runs) expect(contents.get(run)!.bytes.length).toBeLessThanOrEqual(LIST_RUN_BYTES + 2);
    expect(await payloads.value(kept)).toEqual(entries);
  });

  it("is one blob where one run would do, or where it is read as a whole", async () => {
    const payloads = new Payloads(memoryBlobs());
    const pending: Promise<unknown>[] = [];
    const short = entries.slice(0, 1_000);
    expect(isBlob(payloads.offload({ inline: short }, pending, "by-entry"))).toBe(true);
    expect(isBlob(payloads.offload({ inline: entries }, pending))).toBe(true);
    expect(pending).toHaveLength(2);
    // Escaped, they might be six times as long: they are not, and nothing is written.
    const tight = { inline: Array.from({ length: 300 }, () => "x".repeat(100)) };
    expect(payloads.offload(tight, pending, "by-entry")).toEqual(tight);
    expect(pending).toHaveLength(2);
    await Promise.all(pending);
  });

  it("has an entry that is longer than a run in a run of its own", async () => {
    const payloads = new Payloads(memoryBlobs());
    const pending: Promise<unknown>[] = [];
    const list = ["a", "b".repeat(2 * LIST_RUN_BYTES), "c"];
    const kept = payloads.offload({ inline: list }, pending, "by-entry");
    await Promise.all(pending);
    expect(pending).toHaveLength(4);
    expect(await payloads.value(kept)).toEqual(list);
  });
});

describe("what a window of members gave", () => {
  it("is a blob unless it is tiny, so that a plan's state does not grow with it", async () => {
    const payloads = new Payloads(memoryBlobs());
    const pending: Promise<unknown>[] = [];
    const closed = (outputs: Json[]) =>
      payloads.offloadFact(
        fact("StepWindowClosed", {
          step: "all",
          from: 0,
          to: outputs.length,
          outputs: [{ items: { inline: outputs }, count: outputs.length }],
        }),
        pending,
      ).data;
    const numbers = Array.from({ length: 1_000 }, (_, index) => index);
    expect(closed(numbers)).toMatchObject({ outputs: [{ items: { blob: expect.any(String) }, count: 1_000 }] });
    expect(closed([1, 2])).toMatchObject({ outputs: [{ items: { inline: [1, 2] }, count: 2 }] });
    await Promise.all(pending);
  });
});

describe("the blobs that one expression reads", () => {
  it("are loaded again when they had left memory", async () => {
    const machine = new Machine();
    const engine = await machine.open();
    machine.on("a", () => LARGE);
    machine.on("b", () => `${LARGE}b`);
    machine.hold("gate");
    const steps = [
      tool("a"),
      tool("b"),
      tool("gate", { retry: { attempts: 2, delayMs: 1, maxDelayMs: 1, backoff: "fixed", jitter: "none" } }),
      value("sum", "${size(steps.a.output) + size(steps.b.output)}", { needs: ["a", "b", "gate"] }),
    ];
    const plan = await machine.answer(engine.start(planOf(steps, { respond: "${steps.sum.output}" }), {}));
    await machine.until(() => machine.factsOf(plan, "StepSucceeded").length === 2);
    machine.crash();
    machine.on("gate", () => "open");
    const second = await machine.open();
    second.resume(plan);
    expect((await machine.settled(second, plan)).response).toEqual({ inline: 100_001 });
  });

  it("fail the step by name when they are more than memory takes, instead of turning in circles", async () => {
    const machine = new Machine();
    const payloads = new Payloads(memoryBlobs(machine.blobs), { maxCachedBytes: 120_000 });
    const pending: Promise<unknown>[] = [];
    const sources = ["a", "b", "c"].map((text) => payloads.offload({ inline: text.repeat(50_000) }, pending));
    await Promise.all(pending);
    const refs = sources.map((source) => ("blob" in source ? source.blob : ""));
    await payloads.tryLoad(refs);
    const { blobs } = payloads;
    const open = refs.filter((ref) => blobs.get(ref) === undefined && blobs.problem?.(ref) === undefined);
    expect(open).toEqual([]);
    expect(refs.map((ref) => blobs.problem?.(ref)).find((text) => text !== undefined)).toMatch(/more than .* together/);
    await payloads.tryLoad(refs.slice(0, 2));
    expect(refs.slice(0, 2).map((ref) => blobs.get(ref) !== undefined)).toEqual([true, true]);
  });

  it("that cannot be read for a moment fail no step", async () => {
    const payloads = new Payloads({
      ...memoryBlobs(),
      get: () => Promise.reject(new Fault("store-unavailable", "the disk is busy", { retryable: true })),
    });
    const ref = "0".repeat(64);
    await expect(payloads.tryLoad([ref])).rejects.toMatchObject({ code: "store-unavailable" });
    expect(payloads.blobs.problem?.(ref)).toBeUndefined();
  });
});
