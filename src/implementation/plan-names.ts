// What steps of a plan of changes are called, and what they wait for: drafts write it, changes add to it while it runs, the command line
// looks for it.

/** The step that everything waits for, until `implement` is said. */
export const BEGIN_STEP = "begin";
/** The signal that it waits for. */
export const IMPLEMENT_SIGNAL = "implement";
/** Whether the changes can be made. */
export const READY_STEP = "ready";
/** What is asked when all is merged. */
export const FINAL_STEP = "final";

/** The step that merges what the step of a change has made. */
export function mergeStepOf(change: string): string {
  return `${change}_merge`;
}
