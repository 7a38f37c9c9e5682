// What is asked to be done, by its verb. An action is one word for all verbs that ask for the same kind of thing. Which tool does it
// is found out in the catalog, by all words of the request; an action says what kind of tool that is.

const VERBS = [
  [
    "find",
    "find search look query lookup locate get fetch retrieve show list give tell know see discover browse recommend suggest explore identify inquire provide display",
  ],
  ["read", "read view load extract parse inspect review"],
  [
    "create",
    "create make write add generate build draft compose record register insert new produce save store log note take upload",
  ],
  [
    "change",
    "change update modify edit adjust rename replace revise correct fix alter improve rewrite reschedule reset",
  ],
  ["remove", "remove delete cancel erase drop clear unsubscribe discard stop revoke undo"],
  ["send", "send email mail message notify text forward reply submit deliver inform remind alert dispatch"],
  [
    "compute",
    "compute calculate count sum add-up total average estimate solve multiply divide subtract determine measure",
  ],
  ["convert", "convert translate transform transcribe encode decode format compress turn export"],
  ["book", "book reserve order purchase buy rent hire schedule arrange apply"],
  ["pay", "pay transfer deposit withdraw invest donate recharge refund repay settle"],
  ["play", "play listen watch stream pause resume"],
  ["set", "set configure enable disable activate turn-on turn-off switch assign"],
  ["compare", "compare contrast rank match"],
  ["summarize", "summarize summarise outline condense"],
  ["check", "check verify validate confirm test ensure track monitor examine diagnose analyze analyse evaluate"],
  ["share", "share post publish tweet broadcast announce"],
  ["move", "move copy transport ship relocate download import"],
  ["run", "run execute start launch perform do deploy trigger"],
  ["open", "open navigate go visit"],
  ["close", "close shut end exit quit"],
  ["wait", "wait hold sleep"],
  ["plan", "plan organize organise prepare design"],
  ["ask", "ask consult"],
  ["sort", "sort filter group classify categorize"],
  ["join", "join merge combine concatenate attach connect"],
] as const;

export type Action = (typeof VERBS)[number][0];

const ACTION_OF: ReadonlyMap<string, Action> = new Map(
  VERBS.flatMap(([action, verbs]) => verbs.split(" ").map((verb) => [verb, action] as const)),
);

export function isVerb(word: string): boolean {
  return actionOf(word) !== undefined;
}

/** What the verb asks for, in whatever form it stands ("booking", "booked", "books"); undefined where it is no verb that is known. */
export function actionOf(word: string): Action | undefined {
  return stemsOf(word).flatMap((stem) => ACTION_OF.get(stem) ?? [])[0];
}

/** The word itself first: "sing" is no form of "s". */
function stemsOf(word: string): readonly string[] {
  const lower = word.toLowerCase();
  const base = /^(.{2,}?)(?:ing|ed|es|s|d)$/.exec(lower)?.[1] ?? "";
  // "cancelled", "planning": the last letter was doubled.
  const single = /([b-df-hj-np-tv-z])\1$/.test(base) ? [base.slice(0, -1)] : [];
  const longer = /^(.{2,})(?:ing|ed)$/.exec(lower)?.[1];
  return [lower, base, ...single, `${base}e`, ...(longer === undefined ? [] : [longer, `${longer}e`])];
}
