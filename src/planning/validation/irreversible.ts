import type { StepDefinition } from "#events/definition.ts";
import type { Granted, PlannableTools, ValidationFinding } from "#src/planning/validation/grounds.ts";
import { callsOf, named, type PlacedCall, type PlacedStep } from "#src/planning/validation/places.ts";

// Steps with effects that nothing takes back: each says so, so that a rollback names it, and somebody approves each before it runs.
//
// I1. An approval covers the steps that need it, with what is inside of them; not those further on. So the approval is a need of the
//     step, or of a step around it.
// I2. A step that is content with some of its needs may start without the approval, and one whose approval has a fallback may start
//     though it was denied: neither counts as approved.

export function irreversibleFindings(
  steps: readonly PlacedStep[],
  catalog: PlannableTools,
  { approveIrreversible = true }: Granted,
): readonly ValidationFinding[] {
  return steps.flatMap((placed) => {
    const calls = callsOf(placed).filter(({ use, call }) => {
      return (use === "own" || use === "fallback") && catalog.get(call.tool)?.sideEffects === "irreversible";
    });
    const isMarked = placed.step.kind === "tool" && placed.step.irreversible === true;
    const unmarked = calls
      .filter((call) => !isMarked && !isUndone(placed, call))
      .map((call) => notMarked(placed, call));
    const isFinal = isMarked || unmarked.length > 0;
    return approveIrreversible && isFinal ? [...unmarked, ...notApproved(placed)] : unmarked;
  });
}

/** Whoever wrote an undo knows how to take the tool's effect back; that of a fallback is another one. */
function isUndone({ step }: PlacedStep, { use }: PlacedCall): boolean {
  return use === "own" && step.kind === "tool" && step.undo !== undefined;
}

function notMarked(placed: PlacedStep, { call, path, use }: PlacedCall): ValidationFinding {
  const which = use === "own" ? call.tool : `the fallback ${call.tool}`;
  const message = `${named(placed)}: nothing takes back what ${which} does, and the step does not say so`;
  const suggestion = "irreversible: true";
  return {
    code: "irreversible-unmarked",
    severity: "error",
    message,
    path,
    suggestion,
  };
}

function notApproved(placed: PlacedStep): readonly ValidationFinding[] {
  const flaws: string[] = [];
  for (let at: PlacedStep | undefined = placed; at !== undefined; at = at.around) {
    const flaw = flawOfApproval(at);
    if (flaw === undefined) return [];
    if (flaw !== "") flaws.push(flaw);
  }
  const why = flaws.length === 0 ? "" : `: ${flaws.join("; ")}`;
  const message = `nobody is asked before ${named(placed)} does what nothing takes back${why}`;
  const suggestion = suggested(placed);
  return [
    {
      code: "irreversible-unapproved",
      severity: "error",
      message,
      path: placed.path,
      suggestion,
    },
  ];
}

/** Undefined where an approval covers the step; empty where it needs none. */
function flawOfApproval({ step, beside }: PlacedStep): string | undefined {
  const approvals = approvalsAmong(step.needs, beside);
  const [first] = approvals;
  if (first === undefined) return "";
  if (!approvals.some(({ fallback }) => fallback.length === 0)) {
    return `where ${first.id} is denied its fallback lets ${step.id} start`;
  }
  return step.join === "all" ? undefined : `${step.id} does not wait for ${first.id} where another need comes first`;
}

function approvalsAmong(needs: readonly string[], beside: PlacedStep["beside"]): readonly StepDefinition[] {
  return needs.flatMap((id) => beside.get(id) ?? []).filter(({ kind }) => kind === "approve");
}

/** An approval that comes before it anyway, or else one of its own. */
function suggested({ step, beside }: PlacedStep): string {
  const before = approvalsAmong(ancestorsOf(step, beside), beside).find(({ fallback }) => fallback.length === 0);
  if (before !== undefined && step.join === "all") return `needs: [${before.id}]`;
  const join = step.join === "all" ? "" : ", join: all";
  return `approve_${step.id}: { approve: {} }, and in ${step.id} needs: [approve_${step.id}]${join}`;
}

function ancestorsOf(step: StepDefinition, beside: PlacedStep["beside"]): readonly string[] {
  const found = new Set(step.needs);
  // A set is walked in the order of adding, also what is added meanwhile.
  for (const id of found) for (const need of beside.get(id)?.needs ?? []) found.add(need);
  return [...found];
}
