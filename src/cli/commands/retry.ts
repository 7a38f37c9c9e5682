import { askAndFollow, type GoOnFlags } from "#src/cli/asked-and-followed.ts";
import type { ExitCode } from "#src/cli/exit-code.ts";
import type { Terminal } from "#src/cli/terminal.ts";

export interface RetryFlags extends GoOnFlags {
  readonly note?: string;
}

/** Reopens a plan that has ended without success, and follows it: what failed runs again, what succeeded stays. */
export async function retry(reference: string, flags: RetryFlags, terminal: Terminal): Promise<ExitCode> {
  const { note } = flags;
  const asked = { plan: reference, ...(note === undefined ? {} : { note }) };
  return askAndFollow(
    { command: `retry ${reference}`, plan: reference, ask: (client) => client.retry(asked), aim: "succeeded" },
    flags,
    terminal,
  );
}
