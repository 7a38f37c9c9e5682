import { z } from "zod";
import { sleep } from "#src/ports/clock.ts";
import { defineTool, ToolFailure } from "#src/tools/define.ts";
import { registry, type ToolRegistry } from "#src/tools/registry.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";

// Tools whose behaviour the seed decides, call by call, and that keep the account which no log can: what really ran.

export interface Execution {
  readonly plan: string;
  readonly step: string;
  readonly startedAt: number;
  /** -1 while it runs. */
  succeededAt: number;
}

export class Account {
  readonly executions: Execution[] = [];
}

export interface ScriptedOptions {
  readonly random: SeededRandom;
  readonly account: Account;
  readonly now: () => number;
  /** Set when faults stop: then every call succeeds soon. */
  readonly isCalm: () => boolean;
}

const input = z.object({ from: z.array(z.unknown()), size: z.int().optional() });
const MAX_WORK_MS = 4_000;

export function scriptedTools(options: ScriptedOptions): ToolRegistry {
  return registry([scripted("sim.read", true, options), scripted("sim.write", false, options)]);
}

function scripted(name: string, idempotent: boolean, { random, account, now, isCalm }: ScriptedOptions) {
  return defineTool({
    name,
    version: "1.0.0",
    description: "Does what the seed says.",
    input,
    output: z.string(),
    sideEffects: idempotent ? "read" : "write",
    idempotent,
    run: async ({ size }, { signal, clock, idempotencyKey }) => {
      const [plan = "", step = ""] = idempotencyKey.split("/");
      const execution: Execution = { plan, step, startedAt: now(), succeededAt: -1 };
      account.executions.push(execution);
      const fate = isCalm()
        ? "works"
        : random.pick(["works", "works", "works", "works", "fails", "refuses", "hangs", "deaf"] as const);
      await work(fate, { signal, clock }, isCalm() ? 5 : random.next() * MAX_WORK_MS);
      execution.succeededAt = now();
      return "x".repeat(size ?? 3);
    },
  });
}

type Fate = "works" | "fails" | "refuses" | "hangs" | "deaf";

async function work(
  fate: Fate,
  { signal, clock }: Pick<Parameters<Parameters<typeof defineTool>[0]["run"]>[1], "signal" | "clock">,
  ms: number,
): Promise<void> {
  switch (fate) {
    case "works":
      return sleep(clock, ms, signal);
    case "fails":
      await sleep(clock, ms, signal);
      throw new ToolFailure("unavailable", "the other side is down");
    case "refuses":
      await sleep(clock, ms, signal);
      throw new ToolFailure("validation", "the arguments are refused");
    case "hangs":
      return sleep(clock, 1e9, signal);
    case "deaf":
      // Ignores its abort and answers long after everybody has given up.
      return sleep(clock, ms * 10, new AbortController().signal);
  }
}
