import { planDefinition, type PlanDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";

// A plan of the shape of plans of changes: some are made beside each other, two people have to agree before others are, and they are
// merged one after the other, each merge with the call that takes it back.

export const CHANGE_PLAN = "changes";
/** The question that two people answer. */
export const AGREED = "ok";
/** Runs in which there is one: one of so many, by the seed, so that what others draw stays where it is. */
const RUNS = 8;
const RUN = 5;

export function hasChangePlan(seed: number): boolean {
  return seed % RUNS === RUN;
}

export function changePlan(random: SeededRandom): PlanDefinition {
  const count = random.int(3, 5);
  const changes = Array.from({ length: count }, (_, number) => `c${number}`);
  const asked = random.int(1, count - 1);
  const steps = changes.flatMap((id, at) => {
    const before = changes[at - 1];
    const merged = [id, ...(before === undefined ? [] : [`${before}_merge`])];
    return [toolStep(id, at < asked ? [] : [AGREED]), { ...toolStep(`${id}_merge`, merged), undo: undone() }];
  });
  const question = { ...common(AGREED, []), kind: "approve", approvers: 2, role: "editor" };
  return planDefinition.parse({
    name: CHANGE_PLAN,
    steps: [question, ...steps],
    onFailure: random.pick(["stop", "continue", "rollback"]),
    respond: "done",
  });
}

function common(id: string, needs: readonly string[]): { readonly [word: string]: Json } {
  return { id, needs, join: "all", fallback: [] };
}

const RETRY: Json = { attempts: 4, delayMs: 100, backoff: "fixed", jitter: "none", maxDelayMs: 100 };

function call(tool: string): { readonly [word: string]: Json } {
  return { tool, version: "1.0.0", with: { size: 3 }, idempotent: true, timeoutMs: 5_000 };
}

function toolStep(id: string, needs: readonly string[]): { readonly [word: string]: Json } {
  return { ...common(id, needs), kind: "tool", call: call("sim.write"), retry: RETRY };
}

function undone(): Json {
  return { call: call("sim.undo"), retry: RETRY };
}
