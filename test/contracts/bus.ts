import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { partitionOf } from "#events/streams.ts";
import type { Bus, ExecutorMessage, LiveMessage, Offer, Pulse, Report } from "#src/ports/bus.ts";
import {
  COMMANDS,
  HELLO,
  HERE,
  KEY,
  LIVE,
  offerOf,
  ONE,
  OUTCOMES,
  PLAN,
  reportOf,
  RUN,
  THERE,
  TWO,
} from "./bus-messages.ts";

// What every implementation of the bus keeps, in calm weather: it may lose, repeat and reorder in others.

export interface BusHarness extends AsyncDisposable {
  /** The bus as one more process has it. */
  open(): Promise<Bus>;
  /** Whoever listens by now hears what is sent from now on; what was sent is delivered, unless it is large. */
  settle(): Promise<void>;
}

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

    it("carries no command that is not wanted any more when it leaves", async () => {
      const heard: ExecutorMessage[] = [];
      worker.onExecutor(ONE, (message) => heard.push(message));
      await harness.settle();
      let isOwner = true;
      const [first, second, ...others] = COMMANDS;
      coordinator.toExecutor(ONE, first!, () => isOwner);
      coordinator.toExecutor(ONE, second!, () => true);
      for (const message of others) coordinator.toExecutor(ONE, message, () => isOwner);
      isOwner = false;
      await harness.settle();
      expect(heard).toEqual([second]);
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
      const heard: LiveMessage[][] = [[], []];
      worker.onExecutor(ONE, () => undefined);
      coordinator.onLive((message) => heard[0]!.push(message));
      (await harness.open()).onLive((message) => heard[1]!.push(message));
      await harness.settle();
      for (const message of LIVE) worker.live(message);
      await harness.settle();
      expect(heard).toEqual([LIVE, LIVE]);
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
