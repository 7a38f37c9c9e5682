import { asking, type StoreFlags } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { jsonOption } from "#src/cli/json-option.ts";
import { nextText } from "#src/cli/next-text.ts";
import type { Terminal } from "#src/cli/terminal.ts";

export interface SignalFlags extends StoreFlags {
  /** As JSON; by default null. */
  readonly payload?: string;
  /** The sender's own name for it. */
  readonly id?: string;
  /** Milliseconds. */
  readonly expires?: number;
}

/** Sends a signal to the step that waits for it, or will. Faults: `bad-output`, `too-many-signals`, `plan-ended`. */
export async function signal(
  { plan: reference, name }: { readonly plan: string; readonly name: string },
  { payload, id, expires, ...flags }: SignalFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const value = payload === undefined ? null : jsonOption("--payload", payload);
  return asking(flags, `signal ${reference} ${name}`, async (client) => {
    const asked = await client.signal({
      ...{ plan: reference, name, payload: value },
      ...(id === undefined ? {} : { id }),
      ...(expires === undefined ? {} : { expiresMs: expires }),
    });
    const { plan, status, changed } = asked;
    if (flags.json === true) terminal.out(JSON.stringify({ plan, signal: name, status, changed }));
    else terminal.out(`${name}: ${changed ? "sent" : "was sent before"}; ${nextText(asked)}`);
    return EXIT.ok;
  });
}
