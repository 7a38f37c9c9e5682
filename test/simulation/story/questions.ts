import type { PlanStory } from "./plan-story.ts";

/** What a plan asks to have approved, as somebody sees it who looks now. */
export function approvalsIn(story: PlanStory): readonly { readonly step: string; readonly hash: string }[] {
  return [...story.steps.values()].flatMap(({ path, wait }) => {
    return wait?.approval === undefined ? [] : [{ step: path, hash: wait.approval.hash }];
  });
}

/** Names of signals that steps wait for, and that are not kept. */
export function signalsWanted(story: PlanStory): readonly string[] {
  const names = [...story.steps.values()].flatMap(({ wait }) => (wait?.signal === undefined ? [] : [wait.signal]));
  const kept = new Set([...story.signals.values()].filter(({ fate }) => fate === "kept").map(({ name }) => name));
  return [...new Set(names)].filter((name) => !kept.has(name));
}
