import type { CoordinatorId, ExecutorId } from "#events/ids.ts";
import { partitionOf } from "#events/streams.ts";
import { registered } from "#src/bus/handlers.ts";
import type { Bus, ExecutorMessage, Offer, Pulse, Report } from "#src/ports/bus.ts";
import type { FaultRates } from "#src/simulation/fault-rates.ts";
import type { Process } from "#src/simulation/process.ts";
import type { World } from "#src/simulation/world.ts";

// One bus for all processes; `as` gives a process its own door to it. Messages are lost, late, doubled and overtaken, all
// of those to and from a process that is cut off are lost, and whoever sends may die before or after.

/** What is said again and again, whether anything happens or not. */
const HOUSEKEEPING: ReadonlySet<string> = new Set(["hello", "goodbye", "offer", "alive", "gone"]);

type Handler<M> = { readonly process: Process; readonly handle: (message: M) => void };

export class SimulatedBus {
  private readonly world: World;
  private readonly rates: FaultRates;
  private readonly executors = new Map<ExecutorId, Handler<ExecutorMessage>>();
  private readonly coordinators = new Map<CoordinatorId, Handler<Offer | Pulse>>();
  private readonly owners = new Map<number, Handler<Report>>();
  /** Told of every command as it is sent, before any fault. */
  onSent: (message: ExecutorMessage) => void = () => undefined;
  /** Told of every report as it is sent, before any fault; says what is sent in its place. */
  onReport: (report: Report) => Report = (report) => report;

  constructor(world: World, rates: FaultRates) {
    this.world = world;
    this.rates = rates;
  }

  as(process: Process, onCrash: () => void): Bus {
    const send = (act: () => void): void => this.send(process, act, onCrash);
    return {
      toExecutor: (executor, message) =>
        send(() => {
          this.onSent(message);
          this.carry(process, () => this.executors.get(executor), message);
        }),
      toExecutors: (message) =>
        send(() => {
          for (const executor of this.executors.keys())
            this.carry(process, () => this.executors.get(executor), message);
        }),
      toCoordinator: (coordinator, message) =>
        send(() => this.carry(process, () => this.coordinators.get(coordinator), message)),
      toCoordinators: (message) =>
        send(() => {
          for (const coordinator of this.coordinators.keys())
            this.carry(process, () => this.coordinators.get(coordinator), message);
        }),
      toOwner: (message) =>
        send(() => this.carry(process, () => this.owners.get(partitionOf(message.key.plan)), this.onReport(message))),
      live: () => undefined,
      onExecutor: (executor, handle) => registered(this.executors, executor, { process, handle }),
      onCoordinator: (coordinator, handle) => registered(this.coordinators, coordinator, { process, handle }),
      onPartition: (partition, handle) => registered(this.owners, partition, { process, handle }),
      onLive: () => ({ [Symbol.dispose]: () => undefined }),
    };
  }

  private send(process: Process, act: () => void, onCrash: () => void): void {
    if (!process.alive) return;
    const { random } = this.world;
    const crashes = random.chance(this.rates.crash);
    const isSent = !crashes || random.chance(0.5);
    if (isSent) act();
    if (!crashes) return;
    this.world.note(`${process.name} dies ${isSent ? "after" : "before"} a message`);
    onCrash();
  }

  private carry<M extends { readonly kind: string }>(
    from: Process,
    to: () => Handler<M> | undefined,
    message: M,
  ): void {
    const { random } = this.world;
    if (from.isCutOff || random.chance(this.rates.dropped)) return;
    const copies = random.chance(this.rates.doubled) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const arrive = (): void => {
        const handler = to();
        if (handler?.process.isCutOff === false) handler.process.run(() => handler.handle(message));
      };
      this.world.schedule(random.next() * this.rates.maxDelayMs, arrive, {
        background: HOUSEKEEPING.has(message.kind),
      });
    }
  }
}
