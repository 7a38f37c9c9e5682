import type { Command } from "#events/commands.ts";
import { Fault } from "#events/fault.ts";
import type { PlanId } from "#events/ids.ts";
import type { Engine } from "#src/api/engine.ts";
import { hasStore, openEngine, openStore, toolRegistry } from "#src/compose.ts";

// How `cancel`, `resolve` and `doctor --release` reach a plan that no process runs: an engine without slots, which decides
// and records but starts no tool. What follows from the answer starts with `resume`.

export interface AskFlags {
  readonly store?: string;
  readonly json?: boolean;
}

/** Faults: `store-missing`, `store-locked`, `plan-unknown`, `plan-ambiguous`. */
export async function asking<T>(flags: AskFlags, command: string, use: (engine: Engine) => Promise<T>): Promise<T> {
  if (!hasStore(flags)) throw new Fault("store-missing", `there is no store in ${flags.store ?? "this directory"}`);
  await using store = await openStore({ ...flags, command: `planwright ${command}` });
  await using engine = await openEngine(store, { tools: toolRegistry(), slots: 0 });
  return await use(engine);
}

/** Sends a command and throws a refusal as a fault of its code. */
export async function ask(engine: Engine, plan: PlanId, command: Command): Promise<void> {
  const decision = await engine.send(plan, command);
  if (decision.kind === "rejected") throw new Fault(decision.code, decision.reason);
}
