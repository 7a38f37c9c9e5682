import { asking, type StoreFlags } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import type { Terminal } from "#src/cli/terminal.ts";

export interface PauseFlags extends StoreFlags {
  readonly note?: string;
}

/** Pauses a plan: nothing new starts until it is resumed. */
export async function pause(reference: string, flags: PauseFlags, terminal: Terminal): Promise<ExitCode> {
  const { note } = flags;
  return asking(flags, `pause ${reference}`, async (client) => {
    const { plan, status } = await client.pause({ plan: reference, ...(note === undefined ? {} : { note }) });
    if (flags.json === true) terminal.out(JSON.stringify({ plan, status }));
    else terminal.out(`${plan} ${status}; what runs may end; go on by: planwright resume ${plan}`);
    return EXIT.ok;
  });
}
