import { decode } from "#events/catalog.ts";
import type { RecordedEvent } from "#events/envelope.ts";
import { partitionOf, planOfStream } from "#events/streams.ts";
import { SILENT } from "#src/ports/log.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { storeAddress } from "#src/store/kurrent/address.ts";
import { KurrentConnection } from "#src/store/kurrent/connection.ts";
import { KurrentEventStore } from "#src/store/kurrent/event-store.ts";
import { Breach } from "../crash/breach.ts";
import { Law } from "../crash/checkers/law.ts";

// The log as it grows, read where it is and through nobody: the law, when steps succeeded, and who dispatched for which epoch.
//
// W1. Within a partition no dispatch of an epoch follows one of a later epoch: who was followed by another owner dispatches nothing.

export class LogWatch implements AsyncDisposable {
  readonly law: Law;
  /** When each success of a step was seen, in monotonic ms. */
  readonly successes: number[] = [];
  /** What broke a rule. */
  readonly broken: string[] = [];
  /** Owners of partitions that dispatched something. */
  epochs = 0;
  private readonly newest = new Map<number, number>();
  private readonly connection: KurrentConnection;
  private readonly events: KurrentEventStore;
  private readonly ending = new AbortController();
  private readonly following: Promise<void>;

  constructor(log: string, folder: string) {
    this.law = new Law(folder);
    const address = storeAddress(log, {});
    this.connection = new KurrentConnection({ address, clock: systemClock });
    const { connection } = this;
    this.events = new KurrentEventStore({ connection, namespace: address.prefix, clock: systemClock, log: SILENT });
    this.following = this.follow();
  }

  /** Position of the last fact in the log. */
  head(): Promise<number> {
    return this.events.head();
  }

  /** Position of the last fact that was seen. */
  get last(): number {
    return this.law.log.at(-1)?.position ?? -1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.ending.abort();
    await this.following;
    await this.events[Symbol.asyncDispose]();
    await this.connection[Symbol.asyncDispose]();
  }

  private async follow(): Promise<void> {
    const { signal } = this.ending;
    for await (const event of this.events.subscribe({ after: -1, signal })) {
      if (event.type === "StepSucceeded") this.successes.push(systemClock.monotonic());
      try {
        this.law.follow(event);
        if (event.type === "StepDispatched") this.noteEpoch(event);
      } catch (error) {
        if (!(error instanceof Breach)) throw error;
        this.broken.push(error.message);
      }
    }
  }

  /** W1. */
  private noteEpoch(event: RecordedEvent): void {
    const fact = decode(event);
    const plan = planOfStream(event.stream);
    if (fact.type !== "StepDispatched" || plan === undefined) return;
    const partition = partitionOf(plan);
    const newest = this.newest.get(partition) ?? 0;
    const { epoch, step } = fact.data;
    if (epoch < newest)
      throw new Breach(
        "late-owner",
        `${step} of ${plan} was dispatched for epoch ${epoch}, after epoch ${newest} had dispatched`,
      );
    if (epoch > newest) this.epochs++;
    this.newest.set(partition, epoch);
  }
}
