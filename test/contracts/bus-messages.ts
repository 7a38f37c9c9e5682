import { coordinatorId, executorId, planId, type ExecutorId } from "#events/ids.ts";
import type { AttemptKey, ExecutorMessage, LiveMessage, Offer, Report } from "#src/ports/bus.ts";

// One message of every kind, with every member that it can have, for who checks what becomes of messages on their way: the contract
// of the bus, and the schema that writers in other languages read.

export const ONE = executorId.parse("worker-1.0197c3a0-1111-7222-8333-444455556666");
export const TWO = executorId.parse("a worker: with * and > and ä");
export const HERE = coordinatorId.parse("0197c3a0-aaaa-7bbb-8ccc-ddddeeeeffff");
export const THERE = coordinatorId.parse("coordinator.there");
export const PLAN = planId.parse("0197c3a0-1111-7222-8333-444455556666");
export const KEY: AttemptKey = { plan: PLAN, step: "fetch/3/parse", attempt: 2, epoch: 7, edition: 1 };

export const HELLO = {
  kind: "hello",
  from: HERE,
  protocol: 1,
  version: "0.1.0",
  at: 1_234.5,
  wants: 3,
  heard: 2,
  keeps: [4, 5],
} as const satisfies ExecutorMessage;

export const RUN = {
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

export const COMMANDS: readonly ExecutorMessage[] = [
  HELLO,
  RUN,
  { kind: "cancel", key: KEY },
  { kind: "acknowledged", key: KEY, outcome: "timed-out" },
  { kind: "goodbye", from: THERE },
];

export const offerOf = (executor: ExecutorId): Offer => ({
  kind: "offer",
  executor,
  number: 3,
  since: 1,
  heardAt: 1_234.5,
  slots: [1, 2],
  back: [7],
  about: { protocol: 1, version: "0.1.0", pool: "gpu", tools: ["text.wrap"] },
});

export const reportOf = (executor: ExecutorId, outcome: Report["outcome"]): Report => ({
  kind: "report",
  executor,
  key: KEY,
  outcome,
  durationMs: 12.5,
});

export const OUTCOMES: readonly Report["outcome"][] = [
  { kind: "succeeded", output: { text: "ok", list: [1, null] } },
  { kind: "failed", error: { category: "unavailable", code: "down", message: "no" }, isSilent: true },
  { kind: "timed-out" },
  { kind: "cancelled" },
];

export const LIVE: readonly LiveMessage[] = [
  { plan: PLAN, step: "a", attempt: 1, at: 5, kind: "progress", percent: 50, message: "half" },
  { plan: PLAN, step: "a", attempt: 1, at: 5, kind: "progress", text: { from: 0, piece: "Once upon " } },
  { plan: PLAN, step: "a", attempt: 1, at: 6, kind: "log", message: "line", fields: { n: 1, deep: { list: [] } } },
];
