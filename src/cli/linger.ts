import type { Engine } from "#src/api/engine.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { plural } from "#src/cli/text.ts";

/**
 * Stays while plans go on here that other terminals and programs have handed over, after telling how one's own have
 * ended. Whether they were told: where nothing is left to wait for, telling waits until everything is closed.
 */
export async function linger(
  engine: Engine,
  tell: () => void,
  { terminal, signal }: { readonly terminal: Terminal; readonly signal: AbortSignal },
): Promise<boolean> {
  const { length } = engine.moving();
  if (length === 0 || signal.aborted) return false;
  tell();
  terminal.err(
    terminal.paint(
      "dim",
      `${plural(length, "plan")} of others still run here; Ctrl-C leaves them to planwright resume`,
      "err",
    ),
  );
  await engine.idle(signal).catch(() => undefined);
  return true;
}
