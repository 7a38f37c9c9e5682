import { planDefinition, type PlanDefinition } from "#events/definition.ts";
import type { PlanId } from "#events/ids.ts";
import { Engine } from "#src/api/engine.ts";
import { openFileBlobs } from "#src/blobs/file.ts";
import { MemoryBus } from "#src/bus/memory.ts";
import { UNLIMITED } from "#src/ports/limits.ts";
import { SILENT } from "#src/ports/log.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { systemRandom } from "#src/ports/system/random.ts";
import { openEmbedded, type EmbeddedStore } from "#src/store/embedded/open.ts";
import { registry } from "#src/tools/registry.ts";
import { join } from "node:path";
import { echo } from "./bench.tools.ts";

// An engine on the embedded store with one trivial tool, and the plans that the suites run: what is measured is the
// runtime, not the work.

export interface BenchEngine extends AsyncDisposable {
  readonly engine: Engine;
  readonly store: EmbeddedStore;
}

export async function openBenchEngine(directory: string, slots = 64): Promise<BenchEngine> {
  const store = await openEmbedded({ directory, clock: systemClock, command: "bench" });
  const engine = await Engine.open({
    events: store.events,
    snapshots: store.snapshots,
    views: store.views,
    blobs: await openFileBlobs(join(directory, "blobs")),
    bus: new MemoryBus(SILENT),
    clock: systemClock,
    random: systemRandom,
    log: SILENT,
    tools: registry([echo]),
    roots: { fs: directory, allowPrivateNetwork: false },
    secrets: { resolve: () => Promise.reject(new Error("no secrets in a benchmark")) },
    limits: UNLIMITED,
    slots,
    actor: "bench",
  });
  return {
    engine,
    store,
    [Symbol.asyncDispose]: async () => {
      await engine[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

/** A step that calls the trivial tool, but for its id, needs and arguments. */
export const ECHO = {
  kind: "tool",
  call: { tool: echo.name, version: echo.version, idempotent: true, timeoutMs: 300_000 },
  retry: { attempts: 3, delayMs: 500, backoff: "exponential", jitter: "full", maxDelayMs: 30_000 },
};

/** Steps that each pass on what the one before gave. */
export function sequentialPlan(count: number): PlanDefinition {
  return plan("sequential", count, (index) => (index === 0 ? [] : [stepId(index - 1)]));
}

export function independentPlan(count: number): PlanDefinition {
  return plan("independent", count, () => []);
}

function plan(name: string, count: number, needs: (index: number) => string[]): PlanDefinition {
  const steps = Array.from({ length: count }, (_, index) => {
    const [before] = needs(index);
    const value = before === undefined ? "${inputs.start}" : `\${steps.${before}.output}`;
    return { id: stepId(index), needs: needs(index), ...ECHO, call: { ...ECHO.call, with: { value } } };
  });
  return planDefinition.parse({ name, inputs: { start: { schema: { type: "string" } } }, steps });
}

function stepId(index: number): string {
  return `s${index}`;
}

export const INPUTS = { start: "begin" };

/** Runs one plan to its end. */
export async function runPlan(engine: Engine, definition: PlanDefinition): Promise<void> {
  await toItsEnd(engine, await engine.start(definition, INPUTS));
}

export async function toItsEnd(engine: Engine, plan: PlanId): Promise<void> {
  const { signal } = new AbortController();
  const state = await engine.settled(plan, signal);
  if (state.header.value !== "succeeded") throw new Error(`a benchmark's plan ended as ${state.header.value}`);
}
