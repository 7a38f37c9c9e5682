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

/** Another process runs the plan now, or none does yet. */
export function notOwner(partition: number): Fault<"not-owner"> {
  const text = `this process does not own partition ${partition} of the plans`;
  return new Fault("not-owner", text, { retryable: true, details: { partition } });
}

/** Whether the same may work later although nobody changes anything. */
export function isRetryable(error: unknown): error is Fault {
  return isFault(error) && error.retryable;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
