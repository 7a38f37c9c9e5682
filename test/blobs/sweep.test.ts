import { describe, expect, it } from "vitest";
import { encode, fact } from "#events/catalog.ts";
import type { EncodedEvent } from "#events/envelope.ts";
import type { PlanId } from "#events/ids.ts";
import type { BlobRef } from "#events/payload.ts";
import { planStream } from "#events/streams.ts";
import { SNAPSHOT_VERSION } from "#machines/snapshot.ts";
import { memoryBlobs, type BlobContents } from "#src/blobs/memory.ts";
import {
  DEFAULT_GRACE_MS,
  measureBlobs,
  surveyBlobs,
  sweepBlobs,
  type BlobUsage,
  type SweptStore,
} from "#src/blobs/sweep.ts";
import type { BlobStore } from "#src/ports/blob-store.ts";
import { openMemory } from "#src/store/memory/open.ts";
import { batchOf, streamNamed } from "../contracts/batches.ts";
import { each, planOf, tool } from "../machines/plans.ts";
import { HOUR_MS, Machine } from "../runtime/kit.ts";
import { Process } from "#src/simulation/process.ts";

const DAY_MS = 24 * HOUR_MS;
const LARGE = "z".repeat(50_000);
const MEDIUM = "m".repeat(1_000);
/** The first one is a blob of its own; the run of the others is one that only the list cites. */
const ITEMS = 60;
const NONE = { blobs: 0, bytes: 0 };
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A machine with blobs that an earlier process left, and the store as the next process finds it. */
class Left {
  readonly machine = new Machine();
  readonly clock = { now: () => this.machine.world.now() };

  get contents(): BlobContents {
    return this.machine.blobs;
  }

  /** Garbage of this age. */
  async garbage(text: string, ageMs: number): Promise<BlobRef> {
    const ref = await memoryBlobs(this.contents).put(bytesOf(text));
    this.contents.set(ref, { bytes: bytesOf(text), writtenAt: this.clock.now() - ageMs });
    return ref;
  }

  /** Makes everything that there is older than any grace period. */
  age(): void {
    for (const [ref, blob] of this.contents) this.contents.set(ref, { ...blob, writtenAt: 0 });
  }

  store(blobs: BlobStore = memoryBlobs(this.contents, this.clock)): SweptStore {
    return { events: this.log().events, blobs, clock: this.clock };
  }

  /** The log as another handle sees it. */
  log() {
    const { world, contents } = this.machine;
    return openMemory({ clock: world.clockOf(new Process("sweeper")), contents });
  }

  /** Another fact in the log. */
  async append(event: EncodedEvent): Promise<void> {
    const batch = batchOf(streamNamed("plan-00-x"), -1, ["noted"]);
    await this.machine.answer(this.log().events.append({ ...batch, events: [event] }));
  }

  /** A plan whose definition, inputs, outputs and list are blobs; it has succeeded. */
  async plan(): Promise<PlanId> {
    const { machine } = this;
    machine.on("all", ({ args }) => outputOf((args as { index: number }).index));
    const engine = await machine.open();
    const work = tool("do", {}, { with: { index: "${index}" } });
    const definition = planOf([each("all", "${inputs.items}", { steps: [work] })], {
      description: LARGE,
      respond: "${steps.all.output}",
    });
    const items = Array.from({ length: ITEMS }, () => LARGE);
    const plan = await machine.answer(engine.start(definition, { items }));
    await machine.settled(engine, plan);
    await machine.answer(engine[Symbol.asyncDispose]());
    return plan;
  }

  /** Reads everything back through a new process. */
  async response(plan: PlanId): Promise<unknown> {
    const engine = await this.machine.open();
    const state = await this.machine.answer(engine.plans.state(plan));
    return this.machine.answer(engine.plans.value(state.response!));
  }
}

const outputOf = (item: number): string => `${item}${item === 0 ? LARGE : MEDIUM}`;
const RESPONSE = Array.from({ length: ITEMS }, (_, item) => outputOf(item));

describe("a sweep", () => {
  it("removes what no fact cites and what is older than the grace period, and counts it", async () => {
    const left = new Left();
    const old = await left.garbage("old", DAY_MS + 1);
    const young = await left.garbage("younger", DAY_MS - 1);
    expect(DEFAULT_GRACE_MS).toBe(DAY_MS);
    const swept = await sweepBlobs(left.store());
    expect(swept).toEqual({ cited: NONE, young: { blobs: 1, bytes: 7 }, garbage: { blobs: 1, bytes: 3 }, missing: 0 });
    expect([...left.contents.keys()]).toEqual([young]);
    expect(left.contents.has(old)).toBe(false);
    expect((await sweepBlobs(left.store(), { graceMs: HOUR_MS })).garbage).toEqual({ blobs: 1, bytes: 7 });
  });

  it("keeps what a plan cites, also through lists", async () => {
    const left = new Left();
    const plan = await left.plan();
    const kept = [...left.contents.keys()].sort();
    expect(left.machine.factsOf(plan, "StepSucceeded").at(-1)?.output).toMatchObject({ list: expect.any(String) });
    const named = left.machine.contents.log.map(({ append }) => append.events).join();
    // The large output; and the runs of the items, which are all alike.
    expect(kept.filter((ref) => !named.includes(ref))).toHaveLength(2);
    left.age();
    await left.garbage("garbage", 2 * DAY_MS);
    const swept = await sweepBlobs(left.store());
    expect([...left.contents.keys()].sort()).toEqual(kept);
    expect(swept).toMatchObject({ cited: { blobs: kept.length }, garbage: { blobs: 1 }, missing: 0 });
    expect(await left.response(plan)).toEqual(RESPONSE);
  });

  it("keeps what the parts of a closed window cite", async () => {
    const left = new Left();
    const refs = await Promise.all(["item", "items", "errors", "undo"].map((text) => left.garbage(text, 2 * DAY_MS)));
    const [item, items, errors, undo] = refs.map((blob) => ({ blob, bytes: 1 }));
    const closed = fact("StepWindowClosed", {
      step: "all",
      from: 0,
      to: 3,
      outputs: [{ item: item! }, { items: items!, count: 2 }],
      errors: { items: errors!, count: 1 },
      undo: [[], [{ item: undo! }]],
    });
    await left.append(encode(closed));
    expect((await sweepBlobs(left.store())).garbage).toEqual(NONE);
    expect([...left.contents.keys()].sort()).toEqual([...refs].sort());
  });

  it("harms nobody by removing what only a snapshot cites", async () => {
    const left = new Left();
    const plan = await left.plan();
    const blob = await left.garbage("only a snapshot knows it", 2 * DAY_MS);
    const { snapshots, events } = left.log();
    const revision = await events.revision(planStream(plan));
    const state = { revision, definition: { blob, bytes: 1 } };
    await snapshots.save(planStream(plan), { version: SNAPSHOT_VERSION, revision, state });
    await sweepBlobs(left.store());
    expect(left.contents.has(blob)).toBe(false);
    expect(await left.response(plan)).toEqual(RESPONSE);
  });

  it("beside the running engine keeps a blob whose append is not answered yet, however old it has become", async () => {
    const left = new Left();
    const { machine } = left;
    const blobs = memoryBlobs(left.contents, left.clock);
    const engine = await machine.open({ blobs });
    machine.on("a", () => LARGE);
    const free = Promise.withResolvers<undefined>();
    const plan = await machine.answer(engine.start(planOf([tool("a")], { respond: "${steps.a.output}" }), {}));
    machine.disturb.beforeAppend = () => free.promise;
    await machine.until(() => left.contents.size === 1);
    expect(machine.factsOf(plan, "StepSucceeded")).toEqual([]);
    await machine.pass(DAY_MS + HOUR_MS);
    left.age();
    expect((await sweepBlobs(left.store(blobs))).young.blobs).toBe(1);
    free.resolve(undefined);
    await machine.settled(engine, plan);
    expect(await left.response(plan)).toBe(LARGE);
  });

  it("beside the running engine keeps garbage that becomes an output, even without any grace", async () => {
    const left = new Left();
    const { machine } = left;
    await left.garbage(JSON.stringify(LARGE), 9 * DAY_MS);
    const blobs = memoryBlobs(left.contents, left.clock);
    const engine = await machine.open({ blobs });
    machine.on("a", () => LARGE);
    const swept: BlobUsage[] = [];
    machine.disturb.beforeAppend = async () => {
      if (machine.calls.length > 0) swept.push(await sweepBlobs(left.store(blobs), { graceMs: -DAY_MS }));
    };
    const plan = await machine.answer(engine.start(planOf([tool("a")], { respond: "${steps.a.output}" }), {}));
    await machine.settled(engine, plan);
    expect(swept.at(0)).toMatchObject({ young: { blobs: 1 }, garbage: NONE });
    expect(await left.response(plan)).toBe(LARGE);
  });

  it("that is interrupted has removed garbage and nothing else, and the next one removes the rest", async () => {
    const left = new Left();
    const plan = await left.plan();
    const cited = left.contents.size;
    left.age();
    for (let index = 0; index < 20; index++) await left.garbage(`garbage ${index}`, DAY_MS * 2);
    const stop = new AbortController();
    const blobs = memoryBlobs(left.contents, left.clock);
    let removed = 0;
    const remove = async (ref: BlobRef, before: number): Promise<boolean> => {
      if (++removed === 5) stop.abort(new Error("enough"));
      return blobs.remove(ref, before);
    };
    await expect(sweepBlobs(left.store({ ...blobs, remove }), { signal: stop.signal })).rejects.toThrow("enough");
    expect(left.contents.size).toBe(cited + 15);
    await sweepBlobs(left.store());
    expect(left.contents.size).toBe(cited);
    expect(await left.response(plan)).toEqual(RESPONSE);
  });

  it("removes nothing where a list cannot be opened", async () => {
    const left = new Left();
    const plan = await left.plan();
    left.age();
    const list = left.machine
      .factsOf(plan, "StepSucceeded")
      .flatMap(({ output }) => ("list" in output ? [output.list] : []))[0]!;
    left.contents.delete(list);
    const before = left.contents.size;
    const garbage = await left.garbage("garbage", DAY_MS * 2);
    await expect(sweepBlobs(left.store())).rejects.toMatchObject({
      code: "citations-unknown",
      message: expect.stringMatching(new RegExp(`revision \\d+.*${list}`)),
    });
    expect(left.contents.size).toBe(before + 1);
    expect(left.contents.has(garbage)).toBe(true);
  });

  it("removes nothing where the log holds a fact that this version does not know", async () => {
    const left = new Left();
    await left.garbage("garbage", DAY_MS * 2);
    await left.append({ type: "FromTomorrow", schemaVersion: 1, data: {} });
    await expect(sweepBlobs(left.store())).rejects.toMatchObject({ code: "citations-unknown" });
    expect(left.contents.size).toBe(1);
  });
});

describe("a survey", () => {
  it("names each blob with its standing, in order, and changes nothing", async () => {
    const left = new Left();
    await left.plan();
    const old = await left.garbage("old", DAY_MS * 2);
    const young = await left.garbage("young", 0);
    const refs = [...left.contents.keys()].sort();
    const found = await Array.fromAsync(surveyBlobs(left.store()));
    expect(found.map(({ ref }) => ref)).toEqual(refs);
    expect(found.filter(({ standing }) => standing === "garbage").map(({ ref }) => ref)).toEqual([old]);
    expect(found.filter(({ standing }) => standing === "young").map(({ ref }) => ref)).toEqual([young]);
    expect([...left.contents.keys()].sort()).toEqual(refs);
  });

  it("counts what is cited and not there", async () => {
    const left = new Left();
    await left.plan();
    const usage = await measureBlobs(left.store());
    expect(usage).toMatchObject({ missing: 0, garbage: NONE });
    const lost = (await Array.fromAsync(surveyBlobs(left.store()))).find(({ bytes }) => bytes === LARGE.length + 3)!;
    left.contents.delete(lost.ref);
    expect((await measureBlobs(left.store())).missing).toBe(1);
  });

  it("says how far it is", async () => {
    const left = new Left();
    await left.plan();
    const told: string[] = [];
    await measureBlobs(left.store(), {
      onProgress: (phase, { checked, total }) => void told.push(`${phase} ${checked}/${total}`),
    });
    const { length } = left.machine.contents.log;
    expect(told).toEqual([`facts ${length}/${length}`]);
  });
});
