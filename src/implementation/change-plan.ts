// The names by which a plan of changes is known as one: what its steps wait for, and what plans of it are called.

/** The signal that its first step waits for. */
export const IMPLEMENT_SIGNAL = "implement";
/** The step that waits for it. */
export const BEGIN_STEP = "begin";
