import { Fault } from "#events/fault.ts";
import { askModel, type Asking, type Question, type Reply } from "#src/model/ask.ts";
import { failed } from "#src/model/failures.ts";

// How planning asks a model: whatever keeps it from an answer is a value, and planning goes on without.

export interface PlanAsking extends Asking {
  /** Of one answer. */
  readonly maxOutputTokens: number;
}

/** Rejects with the signal's reason alone: a package that is missing or a key that cannot be read is a failure here. */
export async function asked(question: Question, asking: Asking): Promise<Reply> {
  try {
    return await askModel(question, asking);
  } catch (error) {
    if (asking.signal.aborted || !isFault(error)) throw error;
    return { ok: false, failure: failed("unavailable", error.code, error.message) };
  }
}

function isFault(error: unknown): error is Fault {
  return error instanceof Fault;
}
