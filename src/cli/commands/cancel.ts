import type { Client, Output } from "#src/api/client.ts";
import { asking, isGone, reading, type StoreFlags } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { watchInterruption } from "#src/cli/interrupt.ts";
import type { Terminal } from "#src/cli/terminal.ts";

export interface CancelFlags extends StoreFlags {
  readonly note?: string;
}

/** Cancels a plan, whoever runs it, and waits until it is. */
export async function cancel(reference: string, flags: CancelFlags, terminal: Terminal): Promise<ExitCode> {
  using interruption = watchInterruption();
  const { note } = flags;
  const { plan, seen } = await asking(flags, `cancel ${reference}`, async (client) => {
    const asked = await client.cancel({ plan: reference, ...(note === undefined ? {} : { note }) });
    return { plan: asked.plan, seen: await ended(client, asked.plan, interruption.signal) };
  });
  const { status } = seen ?? (await reading(flags, (client) => client.get({ plan })));
  terminal.out(flags.json === true ? JSON.stringify({ plan, status }) : `${plan} ${status}`);
  return EXIT.ok;
}

/** Undefined where the process that ran it has ended with it: then the store says how the plan has ended. */
async function ended(client: Client, plan: string, signal: AbortSignal): Promise<Output<"wait"> | undefined> {
  try {
    for (;;) {
      const seen = await client.wait({ plan }, { signal });
      if (seen.settled) return seen;
    }
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}
