import { asking, type StoreFlags } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { watchInterruption } from "#src/cli/interrupt.ts";
import type { Terminal } from "#src/cli/terminal.ts";

export interface CancelFlags extends StoreFlags {
  readonly note?: string;
}

/** Cancels a plan, whoever runs it, and waits until it is. */
export async function cancel(reference: string, flags: CancelFlags, terminal: Terminal): Promise<ExitCode> {
  using interruption = watchInterruption();
  const { signal } = interruption;
  const { note } = flags;
  return await asking(flags, `cancel ${reference}`, async (client) => {
    const { plan } = await client.cancel({ plan: reference, ...(note === undefined ? {} : { note }) });
    let seen = await client.wait({ plan }, { signal });
    while (!seen.settled) seen = await client.wait({ plan }, { signal });
    const { status } = seen;
    terminal.out(flags.json === true ? JSON.stringify({ plan, status }) : `${plan} ${status}`);
    return EXIT.ok;
  });
}
