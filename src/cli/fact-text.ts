import type { Fact } from "#events/catalog.ts";
import type { Next } from "#events/step-facts.ts";
import { durationText } from "#src/cli/text.ts";

// One fact in a few words.

export function factText(fact: Fact): string {
  switch (fact.type) {
    case "PlanDrafted":
      return `plan ${fact.data.name} drafted with ${fact.data.steps} steps`;
    case "PlanStarted":
      return "plan started";
    case "PlanCancelRequested":
      return fact.data.cause === "deadline" ? "the plan's deadline passed" : "cancellation requested";
    case "PlanCancelled":
      return "plan cancelled";
    case "PlanSucceeded":
      return "plan succeeded";
    case "PlanFailed":
      return `plan failed: ${fact.data.error.message}`;
    case "PlanQuarantined":
      return `plan ${fact.data.plan} quarantined: ${fact.data.message}`;
    case "PlanReleased":
      return `plan ${fact.data.plan} released from quarantine`;
    default:
      return `${fact.data.step}: ${stepText(fact)}`;
  }
}

type StepFact = Exclude<Fact, { type: `Plan${string}` }>;

function stepText(fact: StepFact): string {
  switch (fact.type) {
    case "StepDispatched":
      return dispatchedText(fact.data);
    case "StepSucceeded":
      return fact.data.durationMs === undefined ? "succeeded" : `succeeded in ${durationText(fact.data.durationMs)}`;
    case "StepFailed":
      return `failed (${fact.data.error.category}: ${fact.data.error.message}); ${nextText(fact.data.next)}`;
    case "StepTimedOut":
      return `${fact.data.bound === "attempt" ? "took longer than its timeout" : "its deadline passed"}; ${nextText(fact.data.next)}`;
    case "StepLost":
      return `the process that ran it is gone; ${nextText(fact.data.next)}`;
    case "StepLateReported":
      return `a late report: ${fact.data.outcome.kind}${fact.data.adopted ? ", adopted" : ""}`;
    case "StepSkipped":
      return fact.data.reason.kind === "when"
        ? "skipped, its condition is false"
        : `skipped with ${fact.data.reason.step}`;
    case "StepWaitStarted":
      return `waits until ${new Date(fact.data.dueAt).toISOString()}`;
    case "StepWaitEnded":
      return "has waited";
    case "StepCancelled":
      return "cancelled";
    case "StepOutcomeResolved":
      return `a person answered: ${fact.data.resolution.kind}`;
  }
}

function dispatchedText({ tool, attempt, alternative }: Extract<StepFact, { type: "StepDispatched" }>["data"]): string {
  const fallback = alternative < 0 ? "" : `, fallback ${alternative + 1}`;
  const again = attempt === 1 ? "" : `, attempt ${attempt}`;
  return `${tool}${fallback}${again}`;
}

function nextText(next: Next): string {
  switch (next.kind) {
    case "retry":
      return `again in ${durationText(next.delayMs)}`;
    case "fallback":
      return `on to fallback ${next.index + 1}`;
    case "unknown":
      return "its outcome is unknown";
    case "final":
      return "for good";
  }
}
