import type { ExecutorId } from "#events/ids.ts";
import { PROTOCOL, type ExecutorMessage, type Offer, type Pulse } from "#src/ports/bus.ts";
import type { Timer } from "#src/ports/clock.ts";
import type { RuntimeContext } from "#src/runtime/context.ts";
import { MIN_HELLO_MS } from "#src/runtime/limits.ts";

// The executors that lend slots to this coordinator: heard, greeted, and given up when they are silent.
//
// N1. Whoever is heard is greeted; what was lent is in the ledger before anybody is told that there is something.
// N2. Nobody is given up before it could be heard for as long as one may be silent: not by who has just begun, or was no member for a
//     while, nor after this process stood still itself. Who has listened all along knows who is silent when it takes a partition up:
//     an executor that died with a coordinator is given up when that one's partitions are taken, not a lease later.

export interface LendersOptions {
  readonly context: Pick<RuntimeContext, "bus" | "clock" | "id" | "ledger" | "log">;
  /** An executor not heard of for so long is lost. */
  readonly leaseMs: number;
  /** Release of Planwright, for executors to compare. */
  readonly version: string;
  /** Steps that could be dispatched if there were slots. */
  readonly wants: () => number;
  /** There may be slots. */
  readonly onSlots: () => void;
  /** An executor has said that it ends. */
  readonly onGone: (executor: ExecutorId) => void;
}

export class Lenders implements Disposable {
  private readonly options: LendersOptions;
  private readonly subscription: Disposable;
  private greeting: Timer | undefined;
  private greetedAt = -Infinity;
  /** Since when executors could be heard here, in monotonic ms. */
  private listeningSince = Infinity;
  private readonly explained = new Set<ExecutorId>();

  constructor(options: LendersOptions) {
    const { bus, id } = options.context;
    this.options = options;
    this.subscription = bus.onCoordinator(id, (message) => this.receive(message));
    bus.toExecutors(this.hello());
  }

  /** What runs is this coordinator's to follow from now on; before it was nothing, and may not have been heard. */
  listen(): void {
    this.listeningSince = this.options.context.clock.monotonic();
  }

  /** Greets all, and gives up whoever was silent while this process could have heard it. */
  greetAll(stoodStillMs = 0): void {
    const { clock, ledger } = this.options.context;
    this.greetedAt = clock.monotonic();
    this.listeningSince += stoodStillMs;
    for (const executor of ledger.all) this.greet(executor);
    ledger.expire(this.greetedAt, this.options.leaseMs + stoodStillMs);
  }

  /** There is nothing left for what waits: slots may lie idle with others. */
  greetSoon(): void {
    const { clock } = this.options.context;
    if (this.greeting !== undefined) return;
    const again = (): void => {
      this.greeting = undefined;
      this.greetAll();
    };
    const delayMs = Math.max(0, this.greetedAt + MIN_HELLO_MS - clock.monotonic());
    this.greeting = clock.after(delayMs, again, { background: true });
  }

  /** Whether nobody will report any more what the executor was running. */
  isLost(executor: ExecutorId): boolean {
    const { clock, ledger } = this.options.context;
    return clock.monotonic() - this.listeningSince >= this.options.leaseMs && !ledger.knows(executor);
  }

  /** Uses no slot any more. */
  [Symbol.dispose](): void {
    const { bus, id: from } = this.options.context;
    bus.toExecutors({ kind: "goodbye", from });
    this.subscription[Symbol.dispose]();
    this.greeting?.[Symbol.dispose]();
  }

  private receive(message: Offer | Pulse): void {
    const { ledger, clock } = this.options.context;
    switch (message.kind) {
      case "offer":
        if (message.about !== undefined && message.about.protocol !== PROTOCOL) this.explain(message);
        else if (ledger.offer(message, clock.monotonic())) this.greet(message.executor);
        this.options.onSlots();
        return;
      case "alive":
        if (!ledger.alive(message.executor, clock.monotonic(), message.load)) this.greet(message.executor);
        return;
      case "gone":
        ledger.gone(message.executor);
        this.options.onGone(message.executor);
    }
  }

  /** Once: it is greeted again and again. */
  private explain({ executor, about }: Offer): void {
    if (this.explained.has(executor)) return;
    this.explained.add(executor);
    const { protocol, version } = about ?? {};
    const theirs = `release ${version ?? "unknown"} speaks protocol ${protocol ?? "unknown"}`;
    const text = "an executor gets nothing to do: it speaks another protocol";
    this.options.context.log.warn(text, { executor, theirs, ours: PROTOCOL });
  }

  private greet(executor: ExecutorId): void {
    this.options.context.bus.toExecutor(executor, this.hello(executor));
  }

  /** What the coordinator says of itself, and of what one executor has lent to it. */
  private hello(executor?: ExecutorId): ExecutorMessage {
    const { context, version, wants } = this.options;
    const { id: from, clock, ledger } = context;
    const kept = executor === undefined ? { heard: 0, keeps: [] } : ledger.kept(executor);
    const wanted = wants() + ledger.unsureAttempts;
    return { kind: "hello", from, protocol: PROTOCOL, version, at: clock.monotonic(), wants: wanted, ...kept };
  }
}
