import type { ExecutorId } from "#events/ids.ts";
import type { ExecutorAbout, ExecutorLoad } from "#src/ports/bus.ts";

// Why a step that is ready gets no slot, from what executors have said of themselves: the same at every coordinator, whoever has
// been lent how many.

/** What a step asks of an executor. */
export interface Call {
  readonly tool: string;
  readonly pool: string | undefined;
}

/** One executor, as it has said. */
export interface SeenExecutor {
  readonly id: ExecutorId;
  readonly about: ExecutorAbout;
  /** Monotonic ms. */
  readonly heardAt: number;
  readonly load: ExecutorLoad | undefined;
}

export type Shortage =
  | { readonly kind: "no-executor" }
  | { readonly kind: "no-tool"; readonly tool: string }
  | { readonly kind: "no-pool"; readonly pool: string }
  /** All slots of those that could run it are taken. */
  | { readonly kind: "no-slot"; readonly slots: number; readonly used: number };

/** The pool of steps that name none, where an executor serves only one. */
const DEFAULT_POOL = "default";

/** Whether an executor takes steps of a pool, or of none. */
export function servesPool({ pool: own }: Pick<ExecutorAbout, "pool">, pool: string | undefined): boolean {
  return own === undefined || own === (pool ?? DEFAULT_POOL);
}

/** Undefined where there are slots, as far as is known: then it waits for its turn, or for what it claims beside. */
export function shortageOf({ tool, pool }: Call, executors: readonly SeenExecutor[]): Shortage | undefined {
  if (executors.length === 0) return { kind: "no-executor" };
  const able = executors.filter(({ about }) => about.tools?.includes(tool) !== false);
  if (able.length === 0) return { kind: "no-tool", tool };
  const suited = able.filter(({ about }) => servesPool(about, pool));
  if (suited.length === 0) return { kind: "no-pool", pool: pool ?? DEFAULT_POOL };
  const loads = suited.flatMap(({ load }) => load ?? []);
  const [slots, used] = [sumOf(loads.map((load) => load.slots)), sumOf(loads.map((load) => load.used))];
  return loads.length < suited.length || used < slots ? undefined : { kind: "no-slot", slots, used };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}
