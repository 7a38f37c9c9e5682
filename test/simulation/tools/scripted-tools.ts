import { z } from "zod";
import type { SeededRandom } from "#src/testing/seeded-random.ts";
import { defineTool, type ToolDefinition } from "#src/tools/define.ts";
import { registry, type ToolRegistry } from "#src/tools/registry.ts";
import { callOf, type Account } from "./account.ts";
import { FATES, meet } from "./fate.ts";

// Tools whose behaviour the seed decides, call by call: one that reads, one that has effects, one that takes them back, one
// that looks for them.

export interface ScriptedOptions {
  readonly random: SeededRandom;
  readonly account: Account;
  readonly now: () => number;
  /** Set when faults stop: then every call succeeds soon. */
  readonly isCalm: () => boolean;
}

const MAX_WORK_MS = 4_000;

const input = z.object({ from: z.array(z.unknown()).optional(), size: z.int().optional(), of: z.unknown().optional() });

export function scriptedTools(options: ScriptedOptions): ToolRegistry {
  return registry([
    scripted({ name: "sim.read", sideEffects: "read", idempotent: true }, options),
    scripted({ name: "sim.write", sideEffects: "write", idempotent: false }, options),
    scripted({ name: "sim.undo", sideEffects: "write", idempotent: true }, options),
    looking(options),
  ]);
}

type Nature = Pick<ToolDefinition<unknown, unknown>, "name" | "sideEffects"> & { readonly idempotent: boolean };

function scripted(nature: Nature, { random, account, now, isCalm }: ScriptedOptions) {
  return defineTool({
    ...nature,
    version: "1.0.0",
    description: "Does what the seed says.",
    input,
    output: z.string(),
    run: async ({ size = 3 }, { signal, clock, idempotencyKey }) => {
      const execution = account.begin({ ...callOf(idempotencyKey), tool: nature.name }, now());
      const fate = isCalm() ? "works" : random.pick(FATES);
      const ms = isCalm() ? 5 : random.next() * MAX_WORK_MS;
      await meet(fate, { signal, clock }, { ms, effect: () => (execution.doneAt = now()) });
      return "x".repeat(size);
    },
  });
}

/** Answers for the step that it is inside of: `plan/path/0/verify`. */
function looking({ random, account, now, isCalm }: ScriptedOptions) {
  return defineTool({
    name: "sim.look",
    version: "1.0.0",
    description: "Looks whether a step has had its effect.",
    input,
    output: z.object({ done: z.boolean() }),
    sideEffects: "read",
    run: async (_, { signal, clock, idempotencyKey }) => {
      const { plan, step } = callOf(idempotencyKey);
      const execution = account.begin({ plan, step, tool: "sim.look" }, now());
      const fate = isCalm() ? "works" : random.pick(FATES);
      await meet(
        fate,
        { signal, clock },
        { ms: isCalm() ? 5 : random.next() * 500, effect: () => (execution.doneAt = now()) },
      );
      return { done: account.hasHappened(plan, step.split("/").slice(0, -2).join("/")) };
    },
  });
}
