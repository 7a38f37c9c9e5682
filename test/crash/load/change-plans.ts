import type { Json, JsonObject } from "#events/json.ts";
import { literal } from "#src/language/literal.ts";
import { argumentOf, LOAD_CHANGES, type LoadChange } from "./changes.ts";
import type { LoadPlan } from "./plans.ts";

// Plans of changes over repositories of their own: made beside each other, merged one after the other, each merge with the call that
// takes it back. One only makes them, one asks before the last, and one waits until somebody takes all of it back.

/** Each kill takes an attempt of what is under way. */
const RETRY: JsonObject = { attempts: 100, delay: "20ms", jitter: "none" };

const WHERE: JsonObject = { repository: "${inputs.id}", plan: "k" };
/** Waited for by who is going to be taken back. */
const HOLD: readonly [string, Json] = ["hold", { needs: ["fourth_merge"], signal: "never" }];

export const TAKEN_CHANGES = "changes_taken";

export const CHANGE_PLANS: readonly LoadPlan[] = [
  plan("changes_made", 1, []),
  plan("changes_asked", 1, [["ok", { needs: ["third_merge"], approve: { show: "${steps.fourth.output.patch}" } }]]),
  plan(TAKEN_CHANGES, 3, [HOLD]),
];

/** The step that merges a change. */
export function mergeOf(change: string): string {
  return `${change}_merge`;
}

function plan(name: string, weight: number, more: readonly (readonly [string, Json])[]): LoadPlan {
  const asks = more.some(([id]) => id === "ok") ? ["ok"] : [];
  const steps: readonly (readonly [string, Json])[] = [
    ["repository", { tool: "effects.repository", with: { path: "${inputs.id}" }, retry: RETRY }],
    ["ready", { tool: "change.ready", needs: ["repository"], with: WHERE, retry: RETRY }],
    ...LOAD_CHANGES.flatMap((change, at) => stepsOf(change, { before: LOAD_CHANGES[at - 1], asks })),
    ...more,
  ];
  const inputs = { id: { type: "string" } };
  return {
    name,
    weight,
    source: JSON.stringify({ plan: name, inputs, steps: Object.fromEntries(steps), respond: "ended" }),
  };
}

function stepsOf(
  change: LoadChange,
  { before, asks }: { readonly before: LoadChange | undefined; readonly asks: readonly string[] },
): readonly (readonly [string, Json])[] {
  const { id, after } = change;
  const made: JsonObject = {
    tool: "change.make",
    needs: ["ready", ...after.map(mergeOf)],
    with: { ...WHERE, change: literal(argumentOf(change)) },
    retry: RETRY,
  };
  const isLast = change === LOAD_CHANGES.at(-1);
  const merged: JsonObject = {
    tool: "change.merge",
    needs: [id, ...(before === undefined ? [] : [mergeOf(before.id)]), ...(isLast ? asks : [])],
    with: { ...WHERE, change: id, made: `\${steps.${id}.output}` },
    retry: RETRY,
    undo: {
      tool: "change.revert",
      with: { ...WHERE, change: id, record: "${output == null ? null : output.record}" },
      retry: RETRY,
    },
  };
  return [
    [id, made],
    [mergeOf(id), merged],
  ];
}
