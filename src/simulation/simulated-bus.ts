import type { ExecutorId } from "#events/ids.ts";
import type { Bus, CoordinatorMessage, ExecutorMessage } from "#src/ports/bus.ts";
import type { FaultRates } from "#src/simulation/fault-rates.ts";
import type { Process } from "#src/simulation/process.ts";
import type { World } from "#src/simulation/world.ts";

// One bus for all processes; `as` gives a process its own door to it. Messages are lost, late, doubled and overtaken, and
// whoever sends may die before or after.

type Report = Extract<CoordinatorMessage, { kind: "report" }>;

/** What is said again and again, whether anything happens or not. */
const HOUSEKEEPING: ReadonlySet<string> = new Set(["hello", "offer"]);

type Handler<M> = { readonly process: Process; readonly handle: (message: M) => void };

export class SimulatedBus {
  private readonly world: World;
  private readonly rates: FaultRates;
  private readonly executors = new Map<ExecutorId, Handler<ExecutorMessage>>();
  private coordinators: Handler<CoordinatorMessage>[] = [];
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
          this.carry(() => this.executors.get(executor), message);
        }),
      toExecutors: (message) =>
        send(() => {
          for (const executor of this.executors.keys()) this.carry(() => this.executors.get(executor), message);
        }),
      toCoordinators: (message) =>
        send(() => {
          const said = message.kind === "report" ? this.onReport(message) : message;
          for (const handler of this.coordinators) this.carry(() => handler, said);
        }),
      live: () => undefined,
      onExecutor: (executor, handle) => {
        this.executors.set(executor, { process, handle });
        return { [Symbol.dispose]: () => this.executors.delete(executor) };
      },
      onCoordinator: (handle) => {
        const handler = { process, handle };
        this.coordinators.push(handler);
        return { [Symbol.dispose]: () => (this.coordinators = this.coordinators.filter((other) => other !== handler)) };
      },
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

  private carry<M extends { readonly kind: string }>(to: () => Handler<M> | undefined, message: M): void {
    const { random } = this.world;
    if (random.chance(this.rates.dropped)) return;
    const copies = random.chance(this.rates.doubled) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const arrive = (): void => {
        const handler = to();
        handler?.process.run(() => handler.handle(message));
      };
      this.world.schedule(random.next() * this.rates.maxDelayMs, arrive, {
        background: HOUSEKEEPING.has(message.kind),
      });
    }
  }
}
