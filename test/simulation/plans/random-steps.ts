import type { Json } from "#events/json.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";
import { randomInside } from "./random-blocks.ts";
import type { Begun, Drawing } from "./drawing.ts";
import { randomTool } from "./random-tool.ts";

/** Names of signals that steps wait for and people send. */
export const SIGNAL_NAMES = ["go", "stop"] as const;

export function randomSteps(drawing: Drawing, count: number): Json[] {
  const ids = Array.from({ length: count }, (_, step) => `${drawing.prefix}${step}`);
  return ids.map((id, step) => randomStep(drawing, id, ids.slice(0, step)));
}

function randomStep(drawing: Drawing, id: string, before: readonly string[]): Json {
  const { random, depth } = drawing;
  const needs = before.filter(() => random.chance(0.4));
  const common = randomWords(random, { id, needs });
  if (depth > 0 && random.chance(0.2)) return randomInside(drawing, common, randomSteps);
  const kind = random.next();
  if (kind < 0.1) return { ...common, kind: "wait", wait: { forMs: random.int(0, 20_000) } };
  if (kind < 0.18) return { ...common, kind: "value", value: random.chance(0.5) ? { of: id } : [1, 2, 3] };
  if (kind < 0.29) return { ...common, kind: "signal", signal: random.pick(SIGNAL_NAMES) };
  return kind < 0.38 ? randomApproval(random, common) : randomTool(random, common);
}

/** The words that any kind has. */
function randomWords(random: SeededRandom, { id, needs }: Pick<Begun, "id" | "needs">): Begun {
  return {
    id,
    needs,
    join: needs.length > 1 ? random.pick(["all", "all", "any", { first: random.int(1, needs.length) }]) : "all",
    fallback: [],
    ...(random.chance(0.12) ? { when: random.chance(0.5) ? "1 == 1" : "1 == 2" } : {}),
    ...(random.chance(0.08) ? { deadlineMs: random.int(1_000, 30_000) } : {}),
    ...(random.chance(0.3) ? { priority: random.int(-1, 2) } : {}),
  };
}

function randomApproval(random: SeededRandom, common: Begun): Json {
  const drawn = random.next();
  return {
    ...common,
    kind: "approve",
    ...(drawn < 0.4 ? { role: drawn < 0.2 ? "editor" : "lead" } : {}),
    ...(random.chance(0.4) ? { approvers: random.int(2, 3) } : {}),
    ...(random.chance(0.3) ? { expiresMs: random.int(2_000, 40_000) } : {}),
    ...(random.chance(0.5) ? { show: { about: common.id } } : {}),
  };
}
