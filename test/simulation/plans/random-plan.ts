import { planDefinition, type PlanDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";
import type { Drawing } from "./drawing.ts";
import { randomSteps } from "./random-steps.ts";

// Random plans over the whole language: every kind, inside each other, with every word.

const MAX_STEPS = 8;

/** Most items of a list that does not fit into one window. */
const WIDE = 1_004;

/** A definition over the inline limit is a blob. */
const LONG_TEXT = "a long text ".repeat(4_000);

export function randomPlan(random: SeededRandom, name: string): PlanDefinition {
  const calls: Record<string, Json> = {};
  const drawing: Drawing = { random, calls, prefix: "s", depth: 2 };
  const steps = random.chance(0.01) ? wideSteps(random) : randomSteps(drawing, random.int(1, MAX_STEPS));
  return planDefinition.parse({
    name,
    steps,
    calls,
    onFailure: random.pick(["stop", "continue", "rollback"]),
    ...(random.chance(0.15) ? { deadlineMs: random.int(2_000, 60_000) } : {}),
    ...(random.chance(0.5) ? { pauseStopsClock: true } : {}),
    ...(random.chance(0.05) ? { description: LONG_TEXT } : {}),
    respond: "done",
  });
}

/** An `each` whose windows are closed one after the other, with an effect here and there. */
function wideSteps(random: SeededRandom): Json[] {
  const common = { fallback: [], join: "all" };
  const value = { ...common, id: "v", kind: "value", needs: [], value: "${index}" };
  const call = { tool: "sim.write", version: "1.0.0", with: { size: 1 }, idempotent: true, timeoutMs: 3_000 };
  const retry = { attempts: 3, delayMs: 10, backoff: "fixed", jitter: "none", maxDelayMs: 10 };
  const undo = { call: { ...call, tool: "sim.undo" }, retry: { ...retry, attempts: 1 } };
  const act = { ...common, id: "w", kind: "tool", needs: ["v"], when: "index % 200 == 0", call, retry, undo };
  const items = Array.from({ length: random.int(WIDE - 3, WIDE) }, (_, item) => item);
  const body = { steps: [value, act], output: "${steps.v.output}" };
  const each = { ...common, id: "s0", kind: "each", needs: [], items, as: "item", body, tolerate: { share: 0.1 } };
  return [{ ...each, concurrency: random.int(1, 32) }];
}
