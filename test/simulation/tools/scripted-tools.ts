import { z } from "zod";
import type { Process } from "#src/simulation/process.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";
import { defineTool, type ToolContext, type ToolDefinition } from "#src/tools/define.ts";
import { registry, type ToolRegistry } from "#src/tools/registry.ts";
import { callOf, type Account, type Execution } from "./account.ts";
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
const MAX_LOOK_MS = 500;

const input = z.object({ from: z.array(z.unknown()).optional(), size: z.int().optional(), of: z.unknown().optional() });

/** The tools of one executor. */
export function scriptedTools(on: Process, options: ScriptedOptions): ToolRegistry {
  const script = new Script(on, options);
  return registry([
    scripted({ name: "sim.read", sideEffects: "read", idempotent: true }, script),
    scripted({ name: "sim.write", sideEffects: "write", idempotent: false }, script),
    scripted({ name: "sim.undo", sideEffects: "write", idempotent: true }, script),
    looking(script),
  ]);
}

class Script {
  readonly account: Account;
  private readonly on: Process;
  private readonly options: ScriptedOptions;

  constructor(on: Process, options: ScriptedOptions) {
    this.on = on;
    this.options = options;
    this.account = options.account;
  }

  /** Runs a call as the seed says, on the account. */
  async play(tool: string, maxMs: number, { signal, clock, idempotencyKey }: ToolContext): Promise<Execution> {
    const { random, account, now, isCalm } = this.options;
    const execution = account.begin({ ...callOf(idempotencyKey), tool, on: this.on }, now());
    signal.addEventListener("abort", () => (execution.stoppedAt = now()), { once: true });
    const fate = isCalm() ? "works" : random.pick(FATES);
    const ms = isCalm() ? 5 : random.next() * maxMs;
    try {
      await meet(fate, { signal, clock }, { ms, effect: () => (execution.doneAt = now()) });
      return execution;
    } finally {
      account.end(execution, now());
    }
  }
}

type Nature = Pick<ToolDefinition<unknown, unknown>, "name" | "sideEffects"> & { readonly idempotent: boolean };

function scripted(nature: Nature, script: Script) {
  return defineTool({
    ...nature,
    version: "1.0.0",
    description: "Does what the seed says.",
    input,
    output: z.string(),
    run: async ({ size = 3 }, context) => {
      await script.play(nature.name, MAX_WORK_MS, context);
      return "x".repeat(size);
    },
  });
}

/** Answers for the step that it is inside of: `plan/path/0/verify`. */
function looking(script: Script) {
  return defineTool({
    name: "sim.look",
    version: "1.0.0",
    description: "Looks whether a step has had its effect.",
    input,
    output: z.object({ done: z.boolean() }),
    sideEffects: "read",
    run: async (_, context) => {
      const { plan, step } = await script.play("sim.look", MAX_LOOK_MS, context);
      return { done: script.account.hasHappened(plan, step.split("/").slice(0, -2).join("/")) };
    },
  });
}
