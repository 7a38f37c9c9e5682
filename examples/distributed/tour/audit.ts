import { hasEndedPlan, type Fact } from "./facts.ts";

// What has to hold of a plan's history after processes were killed, and whether it does. It is judged by what was recorded, and
// by what coordinators told while the plan ran: nothing that was told may be gone.

export interface Claim {
  readonly claim: string;
  readonly holds: boolean;
}

/** The step that a killed worker had, and that worker. */
export interface Lost {
  readonly step: string;
  readonly executor: string;
}

const ENDS_OF_ATTEMPTS = new Set(["StepSucceeded", "StepFailed", "StepLost", "StepTimedOut", "StepCancelled"]);

/** `seen`: the facts that coordinators told while the plan ran. */
export function auditOf(history: readonly Fact[], seen: readonly Fact[], lost: Lost): readonly Claim[] {
  const of = (type: string): readonly Fact[] => history.filter((fact) => fact.type === type);
  const steps = of("PlanDrafted").reduce((sum, { data }) => sum + (data.steps ?? 0), 0);
  const successes = of("StepSucceeded").map(({ data }) => data.step);
  const dispatches = of("StepDispatched").map(attemptOf);
  // What has no attempt, such as a value that a step falls back to, is counted with the successes.
  const ends = history.filter(({ type, data }) => ENDS_OF_ATTEMPTS.has(type) && data.attempt !== 0).map(attemptOf);
  const isLost = ({ data }: Fact): boolean => data.step === lost.step && data.executor === lost.executor;
  return [
    {
      claim: "the plan succeeded, once, and nothing came after it",
      holds: history.at(-1)?.type === "PlanSucceeded" && history.filter(hasEndedPlan).length === 1,
    },
    {
      claim: `each of its ${steps} steps has exactly one success`,
      holds: hasEachOnce(successes, steps),
    },
    {
      claim: `no attempt is recorded twice: ${dispatches.length} began, each ended once`,
      holds: areDifferent(dispatches) && areDifferent(ends) && ends.toSorted().join() === dispatches.toSorted().join(),
    },
    {
      claim: `its ${history.length} facts have the revisions 0 to ${history.length - 1}, each once`,
      holds: history.every(({ revision }, index) => revision === index),
    },
    {
      claim: `all ${seen.length} facts that were told while it ran are in its history, at their places`,
      holds: seen.length > 0 && seen.every((fact) => textOf(history[fact.revision]) === textOf(fact)),
    },
    {
      claim: `${lost.step} was lost with its worker, and succeeded elsewhere`,
      holds: of("StepLost").some(isLost) && successes.includes(lost.step),
    },
  ];
}

function attemptOf({ data }: Fact): string {
  return `${data.step ?? ""} ${data.attempt ?? ""}`;
}

function textOf(fact: Fact | undefined): string {
  return fact === undefined ? "" : `${fact.type} ${attemptOf(fact)}`;
}

function hasEachOnce(successes: readonly unknown[], steps: number): boolean {
  return steps > 0 && successes.length === steps && areDifferent(successes);
}

function areDifferent(names: readonly unknown[]): boolean {
  return new Set(names).size === names.length;
}
