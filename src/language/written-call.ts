import type { Alternative, RetryPolicy, ToolCall } from "#events/definition.ts";
import type { JsonObject } from "#events/json.ts";

// Calls of tools in the words of the language, with every default written out: the other way round than normal-call.ts, so that the
// one read again is the other.

export function writtenCall({ tool, with: args, timeoutMs, idempotent, isolate }: ToolCall): JsonObject {
  return {
    tool,
    ...(args === undefined ? {} : { with: args }),
    timeout: writtenDuration(timeoutMs),
    idempotent,
    ...(isolate === undefined ? {} : { isolate }),
  };
}

export function writtenAlternative(alternative: Alternative): JsonObject {
  const { on } = alternative;
  const after = on === undefined ? {} : { on: [...on] };
  return "tool" in alternative ? { ...writtenCall(alternative), ...after } : { value: alternative.value, ...after };
}

export function writtenRetry({ budgetMs, on, ...fields }: RetryPolicy): JsonObject {
  return {
    ...writtenDelays(fields),
    ...(budgetMs === undefined ? {} : { budget: writtenDuration(budgetMs) }),
    ...(on === undefined
      ? {}
      : { on: Object.fromEntries(Object.entries(on).map(([name, one]) => [name, writtenDelays(one)])) }),
  };
}

type Delays = NonNullable<NonNullable<RetryPolicy["on"]>["timeout"]>;

function writtenDelays({ attempts, delayMs, backoff, jitter, maxDelayMs }: Delays): JsonObject {
  return {
    ...(attempts === undefined ? {} : { attempts }),
    ...(delayMs === undefined ? {} : { delay: writtenDuration(delayMs) }),
    ...(backoff === undefined ? {} : { backoff }),
    ...(jitter === undefined ? {} : { jitter }),
    ...(maxDelayMs === undefined ? {} : { maxDelay: writtenDuration(maxDelayMs) }),
  };
}

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;

/** In the largest unit that it is a whole number of: `2d`, `90s`, `500ms`. */
export function writtenDuration(ms: number): string {
  const [unit, size] = UNITS.find(([, one]) => ms >= one && ms % one === 0) ?? ["ms", 1];
  return `${ms / size}${unit}`;
}
