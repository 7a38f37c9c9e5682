import { Fault } from "#events/fault.ts";

export function isFault(error: unknown): error is Fault {
  return error instanceof Fault;
}

/** The fault itself; anything else thrown in a turn becomes the fault `turn-failed`. */
export function asFault(error: unknown): Fault {
  return isFault(error) ? error : new Fault("turn-failed", messageOf(error), { cause: error });
}

/** What those are told who wait for an answer while the process ends. */
export function stopping(cause?: unknown): Fault<"stopping"> {
  return new Fault("stopping", "the coordinator stops", { retryable: true, cause });
}

/** Whether the same may work later although nobody changes anything. */
export function isRetryable(error: unknown): error is Fault {
  return isFault(error) && error.retryable;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
