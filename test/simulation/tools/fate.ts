import { sleep } from "#src/ports/clock.ts";
import { CELL_DIED } from "#src/simulation/troubled-tools.ts";
import { ToolFailure, type ToolContext } from "#src/tools/define.ts";

// What becomes of one call of a tool.

export const FATES = [
  "works",
  "works",
  "works",
  "works",
  "works",
  "fails",
  "refuses",
  "dies",
  "hangs",
  "deaf",
] as const;

export type Fate = (typeof FATES)[number];

export interface Doing {
  readonly ms: number;
  /** The effect, at the moment at which it happens. */
  readonly effect: () => void;
}

type Around = Pick<ToolContext, "signal" | "clock">;

export async function meet(fate: Fate, { signal, clock }: Around, { ms, effect }: Doing): Promise<void> {
  // Ignores its abort and answers long after everybody has given up.
  if (fate === "deaf") await sleep(clock, ms * 10, new AbortController().signal);
  else await sleep(clock, fate === "hangs" ? 1e9 : ms, signal);
  if (fate === "fails") throw new ToolFailure("unavailable", "the other side is down");
  if (fate === "refuses") throw new ToolFailure("conflict", "it has changed since");
  if (fate === "dies" && ms % 2 < 1) throw new ToolFailure("unavailable", "the process has died", { code: CELL_DIED });
  effect();
  if (fate === "dies") throw new ToolFailure("unavailable", "the process has died", { code: CELL_DIED });
}
