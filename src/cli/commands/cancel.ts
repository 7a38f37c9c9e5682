import { planStateOf } from "#machines/state.ts";
import { ask, asking, type AskFlags } from "#src/cli/commands/answering.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { watchInterruption } from "#src/cli/interrupt.ts";
import type { Terminal } from "#src/cli/terminal.ts";

export interface CancelFlags extends AskFlags {
  readonly note?: string;
}

/** Cancels a plan that no process runs, and waits until it is. */
export async function cancel(reference: string, flags: CancelFlags, terminal: Terminal): Promise<ExitCode> {
  using interruption = watchInterruption();
  return await asking(flags, `cancel ${reference}`, async (engine) => {
    const plan = await engine.plans.find(reference);
    const { note } = flags;
    await ask(engine, plan, { type: "CancelPlan", ...(note === undefined ? {} : { note }) });
    const state = await engine.settled(plan, interruption.signal);
    const status = planStateOf(state);
    terminal.out(flags.json === true ? JSON.stringify({ plan, status }) : `${plan} ${status}`);
    return EXIT.ok;
  });
}
