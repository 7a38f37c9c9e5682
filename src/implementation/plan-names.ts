// What plans of this room are called, their steps, and what they wait for: drafts write it, changes add to it while it runs, the command
// line looks for it.

/** An assessment; plans of it are found by its name. */
export const ASSESSMENT_PLAN = "assessment";
/** Its last step. */
export const GAPS_TOOL = "requirement.gaps";
/** An assessment and the drafting of changes. */
export const DRAFTING_PLAN = "drafting";
export const DRAFT_TOOL = "changes.draft";
/** What the history says is missing. */
export const BACKLOG_PLAN = "backlog";
export const BACKLOG_TOOL = "requirement.backlog";

/** Plans that only find something out, by their name, with the tool that tells them from others of that name. */
export const FINDING_PLANS: ReadonlyMap<string, string> = new Map([
  [ASSESSMENT_PLAN, GAPS_TOOL],
  [DRAFTING_PLAN, DRAFT_TOOL],
  [BACKLOG_PLAN, BACKLOG_TOOL],
]);

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
