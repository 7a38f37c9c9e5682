import path from "node:path";
import { planDefinition, type PlanDefinition } from "#events/definition.ts";
import type { ExecutorId, PlanId } from "#events/ids.ts";
import type { Engine } from "#src/api/engine.ts";
import type { Installation } from "../../examples/distributed/tour/installation.ts";
import { pause } from "../bench.tools.ts";
import { ECHO } from "../bench-engine.ts";
import { openCoordinator } from "./coordinator.ts";

// A worker is killed while it runs an idempotent step: how long until the tool runs elsewhere. It says so itself, on the live
// channel; where it runs stands in the fact of its dispatch.

const TIMES = 5;
/** Longer than any of it takes. */
const PAUSE_MS = 120_000;

export interface FailoverOptions {
  readonly installation: Installation;
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** Seconds from SIGKILL to the tool's own word that it has begun in another process, of each time. */
export async function failovers({ installation, directory, signal }: FailoverOptions): Promise<readonly number[]> {
  const [local, store] = [path.join(directory, "failover"), path.join(directory, "failover-store")];
  await using coordinator = await openCoordinator({ store, local, nats: installation.access });
  const times: number[] = [];
  while (times.length < TIMES) {
    signal.throwIfAborted();
    times.push(await failover(coordinator.engine, installation, signal));
  }
  return times;
}

async function failover(engine: Engine, installation: Installation, signal: AbortSignal): Promise<number> {
  const { workers } = installation;
  using begins = new Beginnings(engine);
  const plan = await engine.start(paused(), {});
  const executor = await begins.of(plan, 1, signal);
  const worker = workers.get(executor);
  if (worker === undefined) throw new Error(`the step runs on ${executor}, which is no worker of this installation`);
  const killedAt = performance.now();
  await worker.kill();
  workers.delete(executor);
  await begins.of(plan, 2, signal);
  const seconds = (performance.now() - killedAt) / 1_000;
  await engine.send(plan, { type: "CancelPlan" });
  await engine.settled(plan, signal);
  await installation.startWorker(worker.name, signal);
  return seconds;
}

function paused(): PlanDefinition {
  const { name: tool, version } = pause;
  const call = { ...ECHO.call, tool, version, timeoutMs: 2 * PAUSE_MS, with: { ms: PAUSE_MS } };
  return planDefinition.parse({ name: "paused", inputs: {}, steps: [{ id: "wait", needs: [], ...ECHO, call }] });
}

/** Attempts of plans of one step whose tools have said that they began, and where. */
class Beginnings implements Disposable {
  private readonly executors = new Map<string, ExecutorId>();
  private readonly begun = new Map<string, PromiseWithResolvers<undefined>>();
  private readonly watching = new DisposableStack();

  constructor(engine: Engine) {
    const facts = engine.onFacts((plan, all) => {
      for (const { type, data } of all)
        if (type === "StepDispatched") this.executors.set(nameOf(plan, data.attempt), data.executor);
    });
    this.watching.use(facts);
    this.watching.use(engine.onLive(({ plan, attempt }) => this.at(nameOf(plan, attempt)).resolve(undefined)));
  }

  async of(plan: PlanId, attempt: number, signal: AbortSignal): Promise<ExecutorId> {
    const name = nameOf(plan, attempt);
    const { promise: late, reject } = Promise.withResolvers<never>();
    const stop = (): void => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    await Promise.race([this.at(name).promise, late]).finally(() => signal.removeEventListener("abort", stop));
    const executor = this.executors.get(name);
    if (executor === undefined) throw new Error("a tool began that nobody dispatched");
    return executor;
  }

  [Symbol.dispose](): void {
    this.watching.dispose();
  }

  private at(name: string): PromiseWithResolvers<undefined> {
    const known = this.begun.get(name) ?? Promise.withResolvers<undefined>();
    this.begun.set(name, known);
    return known;
  }
}

function nameOf(plan: PlanId, attempt: number): string {
  return `${plan} ${attempt}`;
}
