import type { ExecutorId } from "#events/ids.ts";
import type { Bus, CoordinatorMessage, ExecutorMessage } from "#src/ports/bus.ts";
import { CELL_DIED } from "../tools/fate.ts";
import type { Process, World } from "../world.ts";
import type { FaultRates } from "./faulty-ports.ts";

type Report = Extract<CoordinatorMessage, { kind: "report" }>;

type Handler<M> = { readonly process: Process; readonly handle: (message: M) => void };

/** One bus for all processes; `as` gives a process its own door to it. */
export class SimulatedBus {
  private readonly world: World;
  private readonly rates: FaultRates;
  private readonly executors = new Map<ExecutorId, Handler<ExecutorMessage>>();
  private coordinators: Handler<CoordinatorMessage>[] = [];
  /** Told of every command as it is sent, before any fault. */
  onSent: (message: ExecutorMessage) => void = () => undefined;
  /** Told of every report as it is sent, before any fault. */
  onReport: (report: Report) => void = () => undefined;

  constructor(world: World, rates: FaultRates) {
    this.world = world;
    this.rates = rates;
  }

  as(process: Process): Bus {
    return {
      toExecutor: (executor, message) => {
        if (!process.alive) return;
        this.onSent(message);
        this.carry(() => this.executors.get(executor), message);
      },
      toExecutors: (message) => {
        if (!process.alive) return;
        for (const executor of this.executors.keys()) this.carry(() => this.executors.get(executor), message);
      },
      toCoordinators: (message) => {
        if (!process.alive) return;
        const said = message.kind === "report" ? silenced(message) : message;
        if (said.kind === "report") this.onReport(said);
        for (const handler of this.coordinators) this.carry(() => handler, said);
      },
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

  private carry<M>(to: () => Handler<M> | undefined, message: M): void {
    const { random } = this.world;
    if (random.chance(this.rates.dropped)) return;
    const copies = random.chance(this.rates.doubled) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      this.world.schedule(random.next() * this.rates.maxDelayMs, () => {
        const handler = to();
        if (handler?.process.alive === true) handler.handle(message);
      });
    }
  }
}

/** What an executor says of a tool whose own process has died: nobody answered. */
function silenced(report: Report): Report {
  const { outcome } = report;
  if (outcome.kind !== "failed" || outcome.error.code !== CELL_DIED) return report;
  return { ...report, outcome: { ...outcome, isSilent: true } };
}
