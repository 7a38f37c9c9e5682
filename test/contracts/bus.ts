import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { coordinatorId, executorId, planId, type ExecutorId } from "#events/ids.ts";
import { partitionOf } from "#events/streams.ts";
import type { AttemptKey, Bus, ExecutorMessage, LiveMessage, Offer, Pulse, Report } from "#src/ports/bus.ts";

// What every implementation of the bus keeps, in calm weather: it may lose, repeat and reorder in others.

export interface BusHarness extends AsyncDisposable {
  /** The bus as one more process has it. */
  open(): Promise<Bus>;
  /** Whoever listens by now hears what is sent from now on; what was sent is delivered, unless it is large. */
  settle(): Promise<void>;
}

const ONE = executorId.parse("worker-1.0197c3a0-1111-7222-8333-444455556666");
const TWO = executorId.parse("a worker: with * and > and ä");
const HERE = coordinatorId.parse("0197c3a0-aaaa-7bbb-8ccc-ddddeeeeffff");
const THERE = coordinatorId.parse("coordinator.there");
const PLAN = planId.parse("0197c3a0-1111-7222-8333-444455556666");
const KEY: AttemptKey = { plan: PLAN, step: "fetch/3/parse", attempt: 2, epoch: 7, edition: 1 };

const HELLO = {
  kind: "hello",
  from: HERE,
  protocol: 1,
  version: "0.1.0",
  at: 1_234.5,
  wants: 3,
  heard: 2,
  keeps: [4, 5],
} as const satisfies ExecutorMessage;

const RUN = {
  kind: "run",
  key: KEY,
  from: HERE,
  offer: 4,
  slot: 9,
  tool: "text.wrap",
  toolVersion: "1.2.0",
  args: { text: "ä ${x}\n", list: [1, 2.5, null] },
  timeoutMs: 1_000,
  idempotencyKey: "a/1",
  isolate: "thread",
} as const satisfies ExecutorMessage;

const COMMANDS: readonly ExecutorMessage[] = [
  HELLO,
  RUN,
  { kind: "cancel", key: KEY },
  { kind: "acknowledged", key: KEY, outcome: "timed-out" },
  { kind: "goodbye", from: THERE },
];

const offerOf = (executor: ExecutorId): Offer => ({
  kind: "offer",
  executor,
  number: 3,
  since: 1,
  heardAt: 1_234.5,
  slots: [1, 2],
  back: [7],
  about: { protocol: 1, version: "0.1.0", pool: "gpu", tools: ["text.wrap"] },
});

const reportOf = (executor: ExecutorId, outcome: Report["outcome"]): Report => ({
  kind: "report",
  executor,
  key: KEY,
  outcome,
  durationMs: 12.5,
});

const OUTCOMES: readonly Report["outcome"][] = [
  { kind: "succeeded", output: { text: "ok", list: [1, null] } },
  { kind: "failed", error: { category: "unavailable", code: "down", message: "no" }, isSilent: true },
  { kind: "timed-out" },
  { kind: "cancelled" },
];

export function busContract(start: () => Promise<BusHarness>): void {
  describe("the bus", () => {
    let harness: BusHarness;
    let [worker, coordinator] = [] as unknown as [Bus, Bus];
    beforeEach(async () => {
      harness = await start();
      [worker, coordinator] = [await harness.open(), await harness.open()];
    });
    afterEach(() => harness[Symbol.asyncDispose]());

    it("carries every command to the executor that is meant, in order, and never before the sender has gone on", async () => {
      const heard: ExecutorMessage[] = [];
      const others: ExecutorMessage[] = [];
      worker.onExecutor(ONE, (message) => heard.push(message));
      (await harness.open()).onExecutor(TWO, (message) => others.push(message));
      await harness.settle();
      for (const message of COMMANDS) coordinator.toExecutor(ONE, message);
      expect(heard).toEqual([]);
      await harness.settle();
      expect(heard).toEqual(COMMANDS);
      expect(others).toEqual([]);
    });

    it("carries a command to every executor there is", async () => {
      const heard: string[] = [];
      worker.onExecutor(ONE, ({ kind }) => heard.push(`one ${kind}`));
      (await harness.open()).onExecutor(TWO, ({ kind }) => heard.push(`two ${kind}`));
      await harness.settle();
      coordinator.toExecutors(HELLO);
      coordinator.toExecutor(TWO, { kind: "goodbye", from: HERE });
      await harness.settle();
      expect(heard.sort()).toEqual(["one hello", "two goodbye", "two hello"]);
    });

    it("carries an offer to the coordinator that is meant, and a pulse to all", async () => {
      const here: (Offer | Pulse)[] = [];
      const there: (Offer | Pulse)[] = [];
      coordinator.onCoordinator(HERE, (message) => here.push(message));
      (await harness.open()).onCoordinator(THERE, (message) => there.push(message));
      await harness.settle();
      worker.toCoordinator(HERE, offerOf(ONE));
      worker.toCoordinator(THERE, offerOf(TWO));
      await harness.settle();
      worker.toCoordinators({ kind: "alive", executor: TWO });
      worker.toCoordinators({ kind: "gone", executor: ONE });
      await harness.settle();
      const pulses = [
        { kind: "alive", executor: TWO },
        { kind: "gone", executor: ONE },
      ];
      expect(here).toEqual([offerOf(ONE), ...pulses]);
      expect(there).toEqual([offerOf(TWO), ...pulses]);
    });

    it("carries reports to whoever owns the plan's partition", async () => {
      const owned: Report[] = [];
      const others: Report[] = [];
      const partition = partitionOf(PLAN);
      coordinator.onPartition(partition, (message) => owned.push(message));
      (await harness.open()).onPartition((partition + 1) % 256, (message) => others.push(message));
      await harness.settle();
      for (const outcome of OUTCOMES) worker.toOwner(reportOf(ONE, outcome));
      worker.toOwner(reportOf(TWO, { kind: "cancelled" }));
      await harness.settle();
      expect(owned).toEqual([
        ...OUTCOMES.map((outcome) => reportOf(ONE, outcome)),
        reportOf(TWO, { kind: "cancelled" }),
      ]);
      expect(others).toEqual([]);
    });

    it("carries arguments and outputs of many megabytes as they were", async () => {
      const large = 'ä\n"${x}'.repeat(1_500_000);
      const run = Promise.withResolvers<ExecutorMessage>();
      const report = Promise.withResolvers<Report>();
      worker.onExecutor(ONE, run.resolve);
      coordinator.onPartition(partitionOf(PLAN), report.resolve);
      await harness.settle();
      coordinator.toExecutor(ONE, { ...RUN, args: { large } });
      expect(await run.promise).toEqual({ ...RUN, args: { large } });
      const sent = reportOf(ONE, { kind: "succeeded", output: { large } });
      worker.toOwner(sent);
      expect(await report.promise).toEqual(sent);
    });

    it("carries live messages to whoever listens, also to several", async () => {
      const live: LiveMessage[] = [
        { plan: PLAN, step: "a", attempt: 1, at: 5, kind: "progress", percent: 50, message: "half" },
        {
          plan: PLAN,
          step: "a",
          attempt: 1,
          at: 6,
          kind: "log",
          message: "line",
          fields: { n: 1, deep: { list: [] } },
        },
      ];
      const heard: LiveMessage[][] = [[], []];
      worker.onExecutor(ONE, () => undefined);
      coordinator.onLive((message) => heard[0]!.push(message));
      (await harness.open()).onLive((message) => heard[1]!.push(message));
      await harness.settle();
      for (const message of live) worker.live(message);
      await harness.settle();
      expect(heard).toEqual([live, live]);
    });

    it("loses what nobody listens to, and harms nobody", async () => {
      for (const message of COMMANDS) coordinator.toExecutor(ONE, message);
      worker.toOwner(reportOf(ONE, { kind: "timed-out" }));
      worker.toCoordinator(THERE, offerOf(ONE));
      await harness.settle();
      const heard: string[] = [];
      worker.onExecutor(ONE, ({ kind }) => heard.push(kind));
      await harness.settle();
      coordinator.toExecutor(ONE, HELLO);
      await harness.settle();
      expect(heard).toEqual(["hello"]);
    });

    it("keeps a handler that throws from harming others, and its own next message", async () => {
      const heard: string[] = [];
      worker.onExecutor(ONE, ({ kind }) => {
        heard.push(kind);
        throw new Error("a handler's own");
      });
      coordinator.onLive(() => {
        throw new Error("a listener's own");
      });
      await harness.settle();
      coordinator.toExecutor(ONE, HELLO);
      coordinator.toExecutor(ONE, { kind: "cancel", key: KEY });
      worker.live({ plan: PLAN, step: "a", attempt: 1, at: 1, kind: "progress" });
      await harness.settle();
      expect(heard).toEqual(["hello", "cancel"]);
    });

    it("stops delivering when a handler is disposed of", async () => {
      const heard: string[] = [];
      const listening = [
        worker.onExecutor(ONE, ({ kind }) => heard.push(kind)),
        coordinator.onCoordinator(HERE, ({ kind }) => heard.push(kind)),
        coordinator.onPartition(partitionOf(PLAN), ({ kind }) => heard.push(kind)),
        coordinator.onLive(({ kind }) => heard.push(kind)),
      ];
      const sendAll = async (): Promise<void> => {
        await harness.settle();
        coordinator.toExecutor(ONE, HELLO);
        worker.toCoordinator(HERE, offerOf(ONE));
        worker.toOwner(reportOf(ONE, { kind: "timed-out" }));
        worker.live({ plan: PLAN, step: "a", attempt: 1, at: 1, kind: "progress" });
        await harness.settle();
      };
      await sendAll();
      expect([...heard].sort()).toEqual(["hello", "offer", "progress", "report"]);
      for (const one of listening) one[Symbol.dispose]();
      await sendAll();
      expect(heard).toHaveLength(4);
    });
  });
}
