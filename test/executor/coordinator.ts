// A coordinator in the place of the real one: it keeps what executors say, and uses the slots that it was lent in order.
import type { CoordinatorId, ExecutorId } from "#events/ids.ts";
import { coordinatorId } from "#events/ids.ts";
import { partitionOf } from "#events/streams.ts";
import type { MemoryBus } from "#src/bus/memory.ts";
import {
  PROTOCOL,
  type AttemptKey,
  type CoordinatorMessage,
  type ExecutorMessage,
  type Offer,
  type SlotToken,
} from "#src/ports/bus.ts";
import { PLAN } from "../machines/plans.ts";

type Run = Extract<ExecutorMessage, { kind: "run" }>;
export type RunFields = Partial<Omit<Run, "key" | "kind">> & { readonly key: AttemptKey };

export class TestCoordinator {
  readonly id: CoordinatorId;
  readonly heard: CoordinatorMessage[] = [];
  readonly used: SlotToken[] = [];
  private readonly bus: MemoryBus;
  private readonly executor: ExecutorId;
  private at = 0;

  constructor(bus: MemoryBus, executor: ExecutorId, name = "coordinator-1") {
    this.bus = bus;
    this.executor = executor;
    this.id = coordinatorId.parse(name);
    bus.onCoordinator(this.id, (message) => this.heard.push(message));
    bus.onPartition(partitionOf(PLAN), (message) => this.heard.push(message));
    this.hello();
  }

  get offers(): Offer[] {
    return this.heard.filter((message) => message.kind === "offer");
  }

  /** Slots of the newest offer that were not used. */
  get slots(): readonly SlotToken[] {
    const offered = this.offers.at(-1)?.slots ?? [];
    return offered.filter((slot) => !this.used.includes(slot));
  }

  /** Says that it is there, and keeps what it was lent. */
  hello(fields: Partial<Extract<ExecutorMessage, { kind: "hello" }>> = {}): void {
    const offer = this.offers.at(-1);
    const keeps = [...(offer?.slots ?? []), ...(offer?.back ?? []).filter((slot) => this.used.includes(slot))];
    const said = { from: this.id, protocol: PROTOCOL, version: "1.0.0", at: ++this.at, wants: 0 };
    this.bus.toExecutor(this.executor, { kind: "hello", ...said, heard: offer?.number ?? 0, keeps, ...fields });
  }

  /** Sends a run in the next slot that is lent, or in the one that the fields name. */
  run({ key, ...fields }: RunFields): void {
    const [slot] = this.slots;
    if (slot !== undefined && !("slot" in fields)) this.used.push(slot);
    const call = { tool: "test.tool", toolVersion: "1.0.0", args: {}, timeoutMs: 60_000 };
    const cited = { from: this.id, offer: this.offers.at(-1)?.number ?? 0, ...(slot === undefined ? {} : { slot }) };
    const idempotencyKey = `${key.plan}/${key.step}`;
    this.bus.toExecutor(this.executor, { kind: "run", key, ...cited, ...call, idempotencyKey, ...fields });
  }

  cancel(key: AttemptKey): void {
    this.bus.toExecutor(this.executor, { kind: "cancel", key });
  }

  acknowledge(key: AttemptKey, outcome: "succeeded" | "timed-out" = "succeeded"): void {
    this.bus.toExecutor(this.executor, { kind: "acknowledged", key, outcome });
  }

  goodbye(): void {
    this.bus.toExecutor(this.executor, { kind: "goodbye", from: this.id });
  }

  get reports(): string[] {
    return this.heard.flatMap((message) =>
      message.kind === "report" ? [`${message.key.step} ${message.outcome.kind}`] : [],
    );
  }
}
