import type { CoordinatorId, ExecutorId } from "#events/ids.ts";
import { partitionOf } from "#events/streams.ts";
import { registered } from "#src/bus/handlers.ts";
import type { Bus, ExecutorMessage, LiveMessage, Offer, Pulse, Report } from "#src/ports/bus.ts";
import type { Log } from "#src/ports/log.ts";

// The bus within one process. Handlers run in microtasks (B1), so what one commit releases reaches the tools, and what
// the tools answer reaches the mailboxes, before the event loop turns and the next commit is written.

export class MemoryBus implements Bus {
  private readonly log: Log;
  private readonly executors = new Map<ExecutorId, (message: ExecutorMessage) => void>();
  private readonly coordinators = new Map<CoordinatorId, (message: Offer | Pulse) => void>();
  private readonly owners = new Map<number, (message: Report) => void>();
  private readonly listeners = new Set<(message: LiveMessage) => void>();

  constructor(log: Log) {
    this.log = log;
  }

  toExecutor(executor: ExecutorId, message: ExecutorMessage, isWanted?: () => boolean): void {
    soon(() => {
      if (isWanted?.() !== false) this.deliver(this.executors.get(executor), message);
    });
  }

  toExecutors(message: ExecutorMessage): void {
    for (const executor of this.executors.keys()) this.toExecutor(executor, message);
  }

  toCoordinator(coordinator: CoordinatorId, message: Offer): void {
    soon(() => {
      this.deliver(this.coordinators.get(coordinator), message);
    });
  }

  toCoordinators(message: Pulse): void {
    soon(() => {
      for (const handler of this.coordinators.values()) this.deliver(handler, message);
    });
  }

  toOwner(message: Report): void {
    soon(() => {
      this.deliver(this.owners.get(partitionOf(message.key.plan)), message);
    });
  }

  live(message: LiveMessage): void {
    if (this.listeners.size === 0) return;
    soon(() => {
      for (const handler of this.listeners) this.deliver(handler, message);
    });
  }

  onExecutor(executor: ExecutorId, handler: (message: ExecutorMessage) => void): Disposable {
    return registered(this.executors, executor, handler);
  }

  onCoordinator(coordinator: CoordinatorId, handler: (message: Offer | Pulse) => void): Disposable {
    return registered(this.coordinators, coordinator, handler);
  }

  onPartition(partition: number, handler: (message: Report) => void): Disposable {
    return registered(this.owners, partition, handler);
  }

  onLive(handler: (message: LiveMessage) => void): Disposable {
    this.listeners.add(handler);
    return { [Symbol.dispose]: () => this.listeners.delete(handler) };
  }

  private deliver<M>(handler: ((message: M) => void) | undefined, message: M): void {
    try {
      handler?.(message);
    } catch (error) {
      this.log.error("a bus handler failed", { error });
    }
  }
}

/** In a microtask. What is called does not throw. */
function soon(callback: () => void): void {
  void Promise.resolve().then(callback);
}
