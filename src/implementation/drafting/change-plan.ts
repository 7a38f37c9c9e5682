import type { Json, JsonObject } from "#events/json.ts";
import { json } from "#events/json.ts";
import type { Action } from "#src/implementation/changes/action.ts";
import { BEGIN_STEP, FINAL_STEP, IMPLEMENT_SIGNAL, mergeStepOf, READY_STEP } from "#src/implementation/plan-names.ts";
import { literal } from "#src/language/literal.ts";
import { meanOf } from "#projections/pert.ts";
import type { CoveringPolicy } from "./approvals.ts";
import { changeTable } from "./change-table.ts";
import { shownChangeOf } from "./shown-draft.ts";
import type { Draft, DraftedChange } from "./drafted.ts";

// Changes as one plan in the language of plans: src/decisions/0036-changes-as-plans.md says why it has this shape.
//
// C1. Whatever is in a change (texts of files, names, titles) is data: nothing of it is read as an expression.
// C2. A change is made when all that covers it is approved and all that it needs is merged; it is merged by a step of its own, which has the
//     undo.

export interface PlanWords {
  /** Of the branch and the refs; the same for the whole plan. */
  readonly key: string;
  /** Directory of the repository, below the root. */
  readonly repository: string;
  /** That should pass before anything is changed. */
  readonly checks: readonly Json[];
  /** Requirements that are asked again at the end. */
  readonly asked: readonly AskedRequirement[];
}

export interface AskedRequirement {
  readonly id: string;
  readonly check: Json;
}

/** Undefined of a draft without changes: there is no plan without steps. */
export function changePlan(draft: Draft, words: PlanWords): JsonObject | undefined {
  const { name, changes, policies } = draft;
  if (changes.length === 0) return undefined;
  const approvals = approvalSteps(draft);
  const covering = approvalsOf(policies, changes);
  const steps: [string, JsonObject][] = [
    [
      BEGIN_STEP,
      {
        description: "Waits until somebody says that the changes are to be made.",
        signal: IMPLEMENT_SIGNAL,
      },
    ],
    ...approvals,
    [READY_STEP, readyStep(changes, words)],
    ...changes.flatMap((drafted) => stepsOf(drafted, covering.get(drafted.change.id) ?? [], words)),
    ...(words.asked.length === 0 ? [] : [[FINAL_STEP, finalStep(changes, words)] satisfies [string, JsonObject]]),
  ];
  return {
    plan: `changes_${name}`,
    description: `Closes ${changes.length} ${changes.length === 1 ? "gap" : "gaps"} of the requirements ${name}.`,
    ...(words.asked.length === 0 ? {} : { inputs: { asked: askedInput(words.asked) } }),
    onFailure: "continue",
    replan: {
      tool: "change.replan",
      with: { repository: literal(words.repository), plan: literal(words.key) },
    },
    steps: Object.fromEntries(steps),
  };
}

function askedInput(asked: readonly AskedRequirement[]): JsonObject {
  return {
    type: "array",
    items: { type: "object" },
    default: asked.map(({ id, check }) => ({ id, check })),
    description: "Requirements that are asked again at the end: those of the changes, and those that were met.",
  };
}

function readyStep(changes: readonly DraftedChange[], { repository, checks }: PlanWords): JsonObject {
  const programs = new Set(changes.flatMap(({ change }) => change.actions.flatMap(programOf)));
  return {
    description: "Finds out whether the changes can be made: a clean tree, the tools, the checks that should pass.",
    tool: "change.ready",
    needs: [BEGIN_STEP],
    with: { repository: literal(repository), checks: literal([...checks]), programs: literal([...programs]) },
  };
}

function programOf(action: Action): readonly string[] {
  return "run" in action ? action.run.slice(0, 1) : [];
}

/** C2. */
function stepsOf(
  { change, needs }: DraftedChange,
  approvals: readonly string[],
  { key, repository }: PlanWords,
): readonly [string, JsonObject][] {
  const { id, title, estimate, priority, irreversible } = change;
  const where = { repository: literal(repository), plan: literal(key) };
  const before = [...new Set(needs.map(({ on }) => mergeStepOf(on)))];
  return [
    [
      id,
      {
        description: title,
        tool: "change.make",
        needs: [READY_STEP, ...approvals, ...before],
        with: { ...where, change: literal(json.parse(change)) },
        estimate: durationText(meanOf(estimate)),
        priority,
        ...(irreversible ? { irreversible } : {}),
      },
    ],
    [
      mergeStepOf(id),
      {
        description: `Merges: ${title}`,
        tool: "change.merge",
        needs: [id],
        with: { ...where, change: id, made: `\${steps.${id}.output}` },
        undo: {
          tool: "change.revert",
          with: {
            ...where,
            change: id,
            record: "${output == null ? null : output.record}",
          },
        },
        priority,
      },
    ],
  ];
}

/** A requirement that cannot be asked is null in the list that comes out. */
function finalStep(changes: readonly DraftedChange[], { repository }: PlanWords): JsonObject {
  const requirement = "${wanted.id}";
  return {
    description: "Asks the requirements again, when all is merged.",
    needs: changes.map(({ change }) => mergeStepOf(change.id)),
    each: "${inputs.asked}",
    as: "wanted",
    concurrency: ASKED_AT_ONCE,
    tolerate: "100%",
    do: { tool: "requirement.check", with: { directory: literal(repository), requirement, check: "${wanted.check}" } },
  };
}

const ASKED_AT_ONCE = 4;

/** Ids of approve steps, by the id of a change. */
function approvalsOf(
  policies: readonly CoveringPolicy[],
  changes: readonly DraftedChange[],
): ReadonlyMap<string, readonly string[]> {
  const ids = new Map<string, string[]>();
  for (const { policy, covers } of policies) {
    for (const at of covers) {
      const id = changes[at]?.change.id ?? "";
      ids.set(id, [...(ids.get(id) ?? []), approvalId(policy.name, policy.for === "plan" ? undefined : id)]);
    }
  }
  return ids;
}

function approvalSteps({ policies, changes }: Draft): readonly [string, JsonObject][] {
  return policies.flatMap(({ policy, covers }): readonly [string, JsonObject][] => {
    const covered = covers.flatMap((at) => changes[at] ?? []);
    if (policy.for === "plan") return [[approvalId(policy.name), approveStep(policy, covered)]];
    return covered.map((one) => [approvalId(policy.name, one.change.id), approveStep(policy, [one])]);
  });
}

function approvalId(policy: string, change?: string): string {
  return change === undefined ? `approve_${policy}` : `approve_${policy}_${change}`;
}

function approveStep(
  { name, when, role, approvers, expires }: CoveringPolicy["policy"],
  covered: readonly DraftedChange[],
): JsonObject {
  const count = covered.length === 1 ? "1 change" : `${covered.length} changes`;
  const show: Json = { policy: name, when, changes: changeTable(covered.map(shownChangeOf)) };
  return {
    description: `${count} by the policy ${name}`,
    approve: {
      ...(role === undefined ? {} : { role }),
      ...(approvers === 1 ? {} : { approvers }),
      show: literal(show),
      ...(expires === undefined ? {} : { expires }),
    },
  };
}

/** Of the language of plans. */
function durationText(ms: number): string {
  return `${Math.max(1, Math.round(ms))}ms`;
}
