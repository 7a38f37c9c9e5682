// What an agent does next about a refusal, by its code, in the words of the tools. docs/errors.md says the same at length, for
// people at a command line. A code that is not here says everything in its message.

const MEND = "mend the plan as the findings say; plan_validate checks it without running anything";
const LOOK = "plan_status shows how the plan is now";
const AGAIN = "ask again in a moment";
const STORE = "tell the person: `planwright doctor` at a command line shows what is wrong with the store";

const NEXT: Readonly<Record<string, string>> = {
  "plan-refused": MEND,
  "cyclic-plan": MEND,
  "duplicate-step": MEND,
  "recursive-call": MEND,
  "too-deep": MEND,
  "unknown-need": MEND,
  "unknown-plan": MEND,
  "plan-too-large": "split the plan, or let a step read its data from a file",
  "invalid-input": "call the tool again as its input schema says",
  "unknown-tool": "tool_list shows the tools that plans can call",
  "plan-unknown": "plan_list shows the plans there are",
  "plan-ambiguous": "write the whole id, as plan_list shows it",
  "unknown-step": "plan_steps lists the steps",
  "bad-revision": "plan_history shows the revisions there are",
  "cursor-malformed": "give `next` of the page before as `cursor`, or leave it out",
  "client-key-conflict": "use another key, or submit exactly what the plan with this key began with",
  "plan-ended": LOOK,
  "plan-ending": LOOK,
  "step-settled": LOOK,
  "step-begun": LOOK,
  "rest-wanted": "let the step run again, or revise the plan",
  "outcome-known": LOOK,
  "nothing-to-approve": LOOK,
  "nothing-goes-on": LOOK,
  "approval-outdated": "look at the question again by plan_approvals, and put it before the person as it is now",
  "approval-decided": "plan_history shows who decided",
  "approval-wanted": "plan_approvals shows the question; a person decides",
  "not-permitted": "only somebody with the role that the question names can decide; tell the person",
  "irreversible-steps": "show the person plan_rollback_preview; only if they agree, say acceptIrreversible",
  "preview-too-large": "ask for a part: `from` or `to`",
  "edition-outdated": "somebody else has revised it; compare again by plan_revise_preview",
  "inputs-revised": "leave the inputs as they were, or submit another plan",
  "too-many-signals": "let the plan take some first",
  "bad-signal-name": "use a shorter name",
  "mailbox-full": AGAIN,
  "actor-gone": AGAIN,
  stopping: AGAIN,
  "not-owner": AGAIN,
  "too-many-calls": "wait for answers that are under way, or cancel some",
  "result-too-large": "ask for less: a smaller `limit`, or a part",
  unreachable:
    "the process that held the store has ended, and what it was asked may have been done: look by plan_list or plan_status, then ask again",
  "store-locked": "another process holds the store and does not answer: tell the person, or ask again in a moment",
  "store-damaged": STORE,
  "store-full": "tell the person: the disk of the store is full",
  "store-unavailable": STORE,
  "plan-quarantined": "tell the person: `planwright doctor` at a command line shows why, and releases it",
  "plan-unreadable": STORE,
  "blob-missing": STORE,
  "blob-damaged": STORE,
};

export function nextAfter(code: string): string | undefined {
  // A code may come from another process, and then be any text.
  return Object.hasOwn(NEXT, code) ? NEXT[code] : undefined;
}
