import { Fault } from "#events/fault.ts";
import type { Terminal } from "#src/cli/terminal.ts";

/** Asks whoever sits there for a yes, unless it was given. Fault `not-confirmed`, with what did not happen, where none comes. */
export async function confirm(
  terminal: Terminal,
  {
    yes,
    question,
    otherwise,
  }: { readonly yes: boolean | undefined; readonly question: string; readonly otherwise: string },
): Promise<void> {
  if (yes === true || /^y(es)?$/i.test((await terminal.ask(`${question} [y/N] `)) ?? "")) return;
  throw new Fault("not-confirmed", otherwise);
}
