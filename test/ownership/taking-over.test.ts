import { describe, expect, it } from "vitest";
import { z } from "zod";
import { coordinatorId, executorId } from "#events/ids.ts";
import { Engine } from "#src/api/engine.ts";
import { memoryBlobs, type BlobContents } from "#src/blobs/memory.ts";
import { MemoryBus } from "#src/bus/memory.ts";
import { Executor } from "#src/executor/executor.ts";
import { LeaseBook, memoryLeases } from "#src/lease/memory.ts";
import { LEASE_MS } from "#src/ownership/member.ts";
import { MEMBER, partitionKey } from "#src/ownership/lease-words.ts";
import { EXECUTOR_LEASE_MS } from "#src/ports/bus.ts";
import { UNLIMITED } from "#src/ports/limits.ts";
import { SILENT } from "#src/ports/log.ts";
import { createMemoryContents } from "#src/store/memory/contents.ts";
import { openMemory } from "#src/store/memory/open.ts";
import { SeededRandom } from "#src/testing/seeded-random.ts";
import { VirtualClock } from "#src/testing/virtual-clock.ts";
import { defineTool } from "#src/tools/define.ts";
import { registry } from "#src/tools/registry.ts";
import { planOf, tool as toolStep } from "../machines/plans.ts";

const JOINED_WITHIN_MS = 5_000;
/** Between two times that an executor says a report. */
const REPORTS_EVERY_MS = 1_000;

/** One log, one bus and one book of leases, an executor whose only tool ends when it is told to, and coordinators that come and go. */
class Cluster {
  readonly clock = new VirtualClock();
  readonly bus = new MemoryBus(SILENT);
  private readonly held = Promise.withResolvers<string>();
  private readonly contents = createMemoryContents();
  private readonly blobs: BlobContents = new Map();
  readonly book = new LeaseBook();
  private readonly random = new SeededRandom(1);
  private readonly workshop;

  constructor() {
    const tool = defineTool({
      name: "test.tool",
      version: "1.0.0",
      description: "Ends when the test says.",
      input: z.any(),
      output: z.string(),
      sideEffects: "write",
      run: () => this.held.promise,
    });
    const secrets = { resolve: () => Promise.resolve("") };
    this.workshop = { tools: registry([tool]), roots: { fs: ".", allowPrivateNetwork: false }, secrets };
    const { bus, clock, workshop } = this;
    new Executor({ ...workshop, id: executorId.parse("e"), bus, clock, slots: 1, leaseMs: EXECUTOR_LEASE_MS });
  }

  endTool(): void {
    this.held.resolve("done");
  }

  async coordinator(name: string): Promise<Engine> {
    const { bus, clock, contents, blobs, book, random, workshop } = this;
    const place = { id: coordinatorId.parse(name), leases: memoryLeases(book), version: "1" };
    const surroundings = { bus, clock, random, log: SILENT, limits: UNLIMITED, slots: 1, actor: "os:tester" };
    return this.clock.answer(
      Engine.open({
        ...{ ...surroundings, ...workshop, ...openMemory({ clock, contents }) },
        ...{ blobs: memoryBlobs(blobs, clock), cluster: place },
      }),
    );
  }
}

describe("a coordinator that takes up a plan", () => {
  it("asks at once what became of its attempts: a report that nobody heard is not waited for", async () => {
    const cluster = new Cluster();
    const { clock } = cluster;
    const first = await cluster.coordinator("a");
    await clock.runUntil(() => first.share?.partitions === 256, { withinMs: JOINED_WITHIN_MS });
    const plan = await clock.answer(first.start(planOf([toolStep("s")]), {}));
    await clock.runUntil(() => (first.view(plan)?.running.size ?? 0) === 1, { withinMs: JOINED_WITHIN_MS });
    await clock.answer(first[Symbol.asyncDispose]());
    cluster.endTool();
    await clock.pass(REPORTS_EVERY_MS / 100);
    const reportedAt = clock.elapsedMs;
    const second = await cluster.coordinator("b");
    await clock.runUntil(() => second.head(plan) !== undefined, { withinMs: JOINED_WITHIN_MS });
    const state = await clock.answer(second.settled(plan, new AbortController().signal));
    expect(state.header.value).toBe("succeeded");
    expect(clock.elapsedMs - reportedAt).toBeLessThan(REPORTS_EVERY_MS / 2);
    await clock.answer(second[Symbol.asyncDispose]());
  });
});

describe("partitions of a coordinator that was killed", () => {
  it("are nobody's for no longer than its lease, also where those who have come since have to take them", async () => {
    const cluster = new Cluster();
    const { clock, book } = cluster;
    const lease = { name: `${MEMBER}dead`, revision: 0, renewals: 0 };
    for (let partition = 0; partition < 86; partition++) book.change(partitionKey(partition), 0, { owner: "dead" });
    /** It renews its lease while it lives, twice a second. */
    const live = async (ms: number): Promise<void> => {
      for (let passedMs = 0; passedMs < ms; passedMs += 500) {
        lease.revision = book.change(lease.name, lease.revision, { renewals: ++lease.renewals }) ?? 0;
        await clock.pass(500);
      }
    };
    await live(500);
    const others = [cluster.coordinator("a"), cluster.coordinator("b")];
    await live(JOINED_WITHIN_MS);
    const [a, b] = await Promise.all(others);
    expect((a?.share?.partitions ?? 0) + (b?.share?.partitions ?? 0)).toBe(256 - 86);
    await clock.pass(LEASE_MS - 500);
    const young = await cluster.coordinator("c");
    const owned = (): number => [a, b, young].reduce((sum, one) => sum + (one?.share?.partitions ?? 0), 0);
    expect(owned()).toBeLessThan(200);
    await clock.pass(1_000);
    expect(owned()).toBe(256);
    for (const one of [a, b, young]) if (one !== undefined) await clock.answer(one[Symbol.asyncDispose]());
  });
});
