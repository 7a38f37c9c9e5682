import { planDefinition, type PlanDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";

// Random plans over the whole step language of today: every kind, join, condition, retry, fallback and deadline.

const MAX_STEPS = 10;

export function randomPlan(random: SeededRandom, index: number): PlanDefinition {
  const ids = Array.from({ length: random.int(1, MAX_STEPS) }, (_, step) => `s${step}`);
  return planDefinition.parse({
    name: `plan${index}`,
    steps: ids.map((id, step) => randomStep(random, id, ids.slice(0, step))),
    onFailure: random.pick(["stop", "continue"]),
    ...(random.chance(0.15) ? { deadlineMs: random.int(2_000, 60_000) } : {}),
    respond: "done",
  });
}

function randomStep(random: SeededRandom, id: string, before: readonly string[]): Json {
  const needs = before.filter(() => random.chance(0.4));
  const common = {
    id,
    needs,
    join: needs.length > 1 && random.chance(0.25) ? "any" : "all",
    ...(random.chance(0.15) ? { when: random.chance(0.5) ? "1 == 1" : "1 == 2" } : {}),
    ...(random.chance(0.1) ? { deadlineMs: random.int(1_000, 30_000) } : {}),
  };
  const kind = random.next();
  if (kind < 0.15) return { ...common, kind: "wait", wait: { forMs: random.int(0, 20_000) } };
  if (kind < 0.25) return { ...common, kind: "value", value: { of: id } };
  return {
    ...common,
    kind: "tool",
    call: randomCall(random),
    retry: randomRetry(random),
    unknown: random.pick(["ask", "retry"]),
    fallback: random.chance(0.3) ? [random.chance(0.5) ? randomCall(random) : { value: "instead" }] : [],
  };
}

function randomCall(random: SeededRandom): Json {
  const idempotent = random.chance(0.6);
  const size = random.chance(0.1) ? 40_000 : 3;
  return {
    tool: idempotent ? "sim.read" : "sim.write",
    version: "1.0.0",
    with: { from: [], size },
    idempotent,
    timeoutMs: random.int(500, 6_000),
  };
}

function randomRetry(random: SeededRandom): Json {
  return {
    attempts: random.int(1, 4),
    delayMs: random.int(0, 2_000),
    backoff: random.pick(["fixed", "exponential"]),
    jitter: random.pick(["none", "full", "decorrelated"]),
    maxDelayMs: 10_000,
  };
}
