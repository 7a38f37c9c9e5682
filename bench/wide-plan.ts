import { planDefinition, type PlanDefinition } from "#events/definition.ts";
import type { PlanId } from "#events/ids.ts";
import type { JsonObject } from "#events/json.ts";
import type { Engine } from "#src/api/engine.ts";
import { ECHO } from "./bench-engine.ts";

// A plan of one `each` over a list that comes as its input, one trivial call an item; and a watch over how long its items
// take. A single item takes no time of its own, since reports and dispatches share appends: what is timed are stretches.

/** Items at once: as many as the engine has slots. */
const CONCURRENCY = 64;

/** Items of one stretch; also of a window, which is the engine's own default for a body of one step. */
export const STRETCH = 1_000;

function widePlan(): PlanDefinition {
  return planDefinition.parse({
    name: "wide",
    inputs: { items: { schema: { type: "array" } } },
    steps: [
      {
        kind: "each",
        id: "all",
        needs: [],
        items: "${inputs.items}",
        as: "item",
        concurrency: CONCURRENCY,
        tolerate: { count: 0 },
        body: {
          steps: [{ id: "one", needs: [], ...ECHO, call: { ...ECHO.call, with: { value: "${item}" } } }],
          output: "${steps.one.output}",
        },
      },
    ],
  });
}

/** Starts it over so many items. The list is nobody's but the engine's: what it keeps of it is a part of what is measured. */
export function startWide(engine: Engine, items: number): Promise<PlanId> {
  return engine.start(widePlan(), wideInputs(items));
}

function wideInputs(count: number): JsonObject {
  return { items: Array.from({ length: count }, (_, id) => ({ id, name: `item ${id}` })) };
}

export interface Stretch {
  readonly wallMs: number;
  /** Of all threads of this process; what else the machine does does not show in it. */
  readonly cpuMs: number;
}

/** What every stretch of items took, in their order, as they end; `onStretch` is told how many items have ended. */
export function watchStretches(
  engine: Engine,
  onStretch: (ended: number) => void = () => undefined,
): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let ended = 0;
  let since = now();
  engine.onFacts((_plan, facts) => {
    for (const { type } of facts) {
      if (type !== "StepSucceeded" || ++ended % STRETCH !== 0) continue;
      const at = now();
      stretches.push({ wallMs: at.wallMs - since.wallMs, cpuMs: at.cpuMs - since.cpuMs });
      since = at;
      onStretch(ended);
    }
  });
  return stretches;
}

function now(): Stretch {
  const { user, system } = process.cpuUsage();
  return { wallMs: performance.now(), cpuMs: (user + system) / 1000 };
}
