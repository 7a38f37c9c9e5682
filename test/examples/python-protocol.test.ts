import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { coordinatorId, executorId, planId, type CoordinatorId } from "#events/ids.ts";
import { PARTITIONS, partitionOf } from "#events/streams.ts";
import type { AttemptKey, ExecutorMessage, Offer, Pulse, Report } from "#src/ports/bus.ts";
import { NatsBus } from "#src/nats/bus.ts";
import { hasNats, NatsServer } from "../nats/server.ts";
import { requireServer } from "../require.ts";
import { hasPython, pythonWorker, type PythonWorker } from "./python-worker.ts";

// What docs/nats.md asks of a worker, of the one in Python: message by message, from the coordinator's side of a real server.

type Run = Extract<ExecutorMessage, { kind: "run" }>;

const PLAN = planId.parse("0197c3a0-1111-7222-8333-444455556666");
const [ONE, OTHER] = [coordinatorId.parse("coordinator-1.a"), coordinatorId.parse("coordinator-2.b")];
const KEY: AttemptKey = { plan: PLAN, step: "a", attempt: 1, epoch: 7, edition: 1 };
const WITHIN = { timeout: 8_000 };

/** What coordinators hear, and how they speak. */
class Coordinators {
  readonly reports: Report[] = [];
  readonly pulses: Pulse[] = [];
  readonly offers = new Map<CoordinatorId, Offer[]>();
  readonly #bus: NatsBus;
  #at = 0;

  constructor(bus: NatsBus) {
    this.#bus = bus;
    for (const id of [ONE, OTHER]) {
      this.offers.set(id, []);
      bus.onCoordinator(id, (message) => {
        if (message.kind === "offer") this.offers.get(id)?.push(message);
        else if (id === ONE) this.pulses.push(message);
      });
    }
    for (let partition = 0; partition < PARTITIONS; partition++)
      bus.onPartition(partition, (report) => this.reports.push(report));
  }

  get worker() {
    return executorId.parse(this.pulses[0]?.executor ?? "");
  }

  last(id: CoordinatorId): Offer | undefined {
    return this.offers.get(id)?.at(-1);
  }

  /** Greets the worker, and gives its answer. `keeps` are slots of the newest offer. */
  async hello(from: CoordinatorId, { keeps = this.last(from)?.slots ?? [], wants = 0 } = {}): Promise<Offer> {
    const heard = this.last(from)?.number ?? 0;
    this.#at += 1;
    const at = this.#at;
    const hello = { kind: "hello", from, protocol: 1, version: "1", at, wants, heard, keeps } as const;
    this.#bus.toExecutor(this.worker, hello);
    return vi.waitUntil(() => this.offers.get(from)?.findLast(({ heardAt }) => heardAt === at), WITHIN);
  }

  run(run: Partial<Run>): void {
    const offer = this.last(run.from ?? ONE)?.number ?? 0;
    const call = {
      tool: "py.upper",
      toolVersion: "1.0.0",
      args: { text: "a" },
      timeoutMs: 60_000,
      idempotencyKey: "k",
    };
    this.#bus.toExecutor(this.worker, { kind: "run", from: ONE, offer, key: KEY, ...call, ...run });
  }

  tell(message: ExecutorMessage): void {
    this.#bus.toExecutor(this.worker, message);
  }

  reported(key: Partial<AttemptKey>, times = 1): Promise<readonly Report[]> {
    const these = () =>
      this.reports.filter((report) => Object.entries(key).every(([word, is]) => Reflect.get(report.key, word) === is));
    return vi.waitUntil(() => (these().length >= times ? these() : undefined), WITHIN);
  }
}

const missing = hasNats ? "python3" : "nats";
requireServer(missing, hasNats && hasPython)("a worker by the page about NATS", () => {
  let server: NatsServer;
  let namespaces = 0;
  const open: AsyncDisposable[] = [];
  beforeAll(async () => {
    server = await NatsServer.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
  });
  const started = async (slots: number): Promise<{ there: Coordinators; worker: PythonWorker }> => {
    const namespace = `p${++namespaces}`;
    const connection = await server.connect({ namespace });
    const bus = new NatsBus(connection, { name: "test", incarnation: "1" });
    const there = new Coordinators(bus);
    await bus.flush();
    const worker = pythonWorker(server, server.folder.path, { NAMESPACE: namespace, SLOTS: `${slots}` });
    open.push(connection, bus, { [Symbol.asyncDispose]: () => ended(worker) });
    await vi.waitUntil(() => there.pulses.length > 0, WITHIN);
    return { there, worker };
  };
  const ended = async (worker: PythonWorker): Promise<void> => {
    worker.kill("SIGKILL");
    await worker.ended;
  };

  it("says what it is, and lends each slot once", async () => {
    const { there } = await started(2);
    const first = await there.hello(ONE);
    expect(first).toMatchObject({
      since: 1,
      slots: [1, 2],
      back: [],
      about: { protocol: 1, tools: ["py.upper", "py.awaited"] },
    });
    expect((await there.hello(ONE)).slots).toEqual([1, 2]);
    expect((await there.hello(ONE, { keeps: [2] })).slots).toEqual([2, 3]);
    there.tell({ kind: "goodbye", from: ONE });
    expect((await there.hello(OTHER)).slots).toEqual([4, 5]);
  });

  it("begins what has a slot, once, and sends its report until it is acknowledged", async () => {
    const { there } = await started(2);
    await there.hello(ONE);
    there.run({ key: { ...KEY, step: "no-slot" } });
    there.run({ key: { ...KEY, step: "not-lent" }, slot: 99 });
    there.run({ slot: 1 });
    const [report, again] = await there.reported({ step: "a" }, 2);
    expect(report).toMatchObject({ executor: there.worker, key: KEY, outcome: { kind: "succeeded", output: "A" } });
    expect(again).toEqual(report);
    there.tell({ kind: "acknowledged", key: KEY, outcome: "failed" });
    await there.reported({ step: "a" }, 3);
    there.tell({ kind: "acknowledged", key: KEY, outcome: "succeeded" });
    const { slots } = await there.hello(ONE);
    const before = there.reports.length;
    there.run({ slot: slots[0]!, args: { text: "again" } });
    await vi.waitUntil(() => there.last(ONE)!.slots.includes(slots[0]!) === false, WITHIN);
    const pulses = there.pulses.length;
    await vi.waitUntil(() => there.pulses.length >= pulses + 2, WITHIN);
    expect(there.reports).toHaveLength(before);
    expect(there.reports.filter(({ key }) => key.step !== "a")).toEqual([]);
  });

  it("begins nothing after a standstill that it was told before", async () => {
    const { there, worker } = await started(1);
    await there.hello(ONE);
    const namespace = `p${namespaces}`;
    const clock = pythonWorker(server, server.folder.path, { NAMESPACE: namespace, WORKER: "clock" });
    open.push(clock);
    const beats = (): number => there.pulses.filter(({ executor }) => executor.startsWith("clock.")).length;
    await vi.waitUntil(() => beats() > 0, WITHIN);
    worker.kill("SIGSTOP");
    const stopped = beats();
    there.run({ slot: 1 });
    await vi.waitUntil(() => beats() >= stopped + 5, WITHIN);
    worker.kill("SIGCONT");
    const { since, slots } = await there.hello(ONE);
    expect({ since, slots }).toEqual({ since: 2, slots: [2] });
    there.run({ slot: 2, key: { ...KEY, step: "after" } });
    await there.reported({ step: "after" });
    expect(there.reports.filter(({ key }) => key.step !== "after")).toEqual([]);
  });

  it("ignores who was the owner of a partition before, and of that partition only", async () => {
    const { there } = await started(3);
    await there.hello(ONE);
    there.run({ slot: 1 });
    const other = planId.parse("0197c3a0-1111-7222-8333-444455556667");
    expect(partitionOf(other)).not.toBe(partitionOf(PLAN));
    there.run({ slot: 2, key: { ...KEY, step: "late", epoch: 6 } });
    there.run({ slot: 3, key: { ...KEY, plan: other, epoch: 1 } });
    await there.reported({ plan: other });
    expect(there.reports.filter(({ key }) => key.step === "late")).toEqual([]);
  });

  it("stops a tool at its timeout and on a cancel, and says which", async () => {
    const { there } = await started(3);
    await there.hello(ONE);
    const waiting = { tool: "py.awaited", args: { path: "never", seconds: 60 } };
    there.run({ slot: 1, ...waiting, key: { ...KEY, step: "slow" }, timeoutMs: 50 });
    there.run({ slot: 2, ...waiting, key: { ...KEY, step: "unwanted" } });
    there.tell({ kind: "cancel", key: { ...KEY, step: "unwanted" } });
    there.run({ slot: 3, tool: "py.lower", key: { ...KEY, step: "unknown" } });
    expect((await there.reported({ step: "slow" }))[0]?.outcome).toEqual({ kind: "timed-out" });
    expect((await there.reported({ step: "unwanted" }))[0]?.outcome).toEqual({ kind: "cancelled" });
    expect((await there.reported({ step: "unknown" }))[0]?.outcome).toMatchObject({ error: { code: "unknown-tool" } });
  });

  it("asks back what lies idle with one for another who wants it", async () => {
    const { there } = await started(1);
    expect((await there.hello(ONE)).slots).toEqual([1]);
    expect((await there.hello(OTHER, { wants: 3 })).slots).toEqual([]);
    await vi.waitUntil(() => there.last(ONE)?.back.includes(1), WITHIN);
    await there.hello(ONE, { keeps: [] });
    await vi.waitUntil(() => there.last(OTHER)?.slots.includes(2), WITHIN);
    expect(there.last(ONE)?.slots).toEqual([]);
  });

  it("that is to end lends nothing more, runs what is on its way, and says that it goes", async () => {
    const { there, worker } = await started(2);
    await there.hello(ONE);
    worker.kill("SIGTERM");
    await vi.waitUntil(() => there.last(ONE)?.back.length === 2, WITHIN);
    expect(there.last(ONE)?.slots).toEqual([]);
    there.run({ slot: 2 });
    await there.reported({ step: "a" });
    there.tell({ kind: "acknowledged", key: KEY, outcome: "succeeded" });
    expect((await there.hello(ONE, { keeps: [] })).back).toEqual([]);
    expect(await worker.ended).toMatchObject({ code: 0 });
    expect(there.pulses.at(-1)?.kind).toBe("gone");
  });
});
