import { BEGIN_STEP, FINAL_STEP, READY_STEP } from "#src/implementation/plan-names.ts";

// Ids of the steps that make changes, from the ids of requirements: the step's own, and those that stand beside it in the plan.

/** Of the plan itself. */
const OWN_STEPS = [BEGIN_STEP, READY_STEP, FINAL_STEP];
/** Words of expressions: `steps.null.output` could not be read. */
const WORDS = ["in", "true", "false", "null"];
const APPROVAL = /^approve_/;
/** Steps that stand beside that of a change: its merge, and what a conflict adds. */
const BESIDE = ["_merge", "_resolve"];

/** Each is different, and none is that of another step in the plan. */
export function changeIds(requirements: readonly string[]): readonly string[] {
  const taken = new Set([...OWN_STEPS, ...WORDS]);
  return requirements.map((requirement) => {
    const plain = requirement.replaceAll("-", "_");
    const isBeside = BESIDE.some((end) => plain.includes(end));
    const base = isBeside || APPROVAL.test(plain) ? `change_${plain.replaceAll(/_+(merge|resolve)/g, "$1")}` : plain;
    let id = base;
    for (let number = 2; taken.has(id); number += 1) id = `${base}_${number}`;
    taken.add(id);
    return id;
  });
}
