import type { Fact } from "#events/catalog.ts";
import type { Alternative } from "#events/definition.ts";
import type { ErrorCategory } from "#events/errors.ts";
import type { Next } from "#events/step-facts.ts";
import { textOf, violated, type Checker, type Told } from "./checker.ts";

// B1. Of the fallbacks behind the one in use, the first that is for the failure follows it: none that is for other failures, and none is passed
//     over that is for this one.

export class Fallbacks implements Checker {
  readonly name = "fallbacks";

  before(told: Told): void {
    const failure = failureOf(told.fact);
    if (failure?.next.kind !== "fallback") return;
    const { step, next, category } = failure;
    const inUse = told.story.steps.get(step)?.alternative ?? -1;
    const fallbacks = told.story.outline.stepAt(step)?.fallback ?? [];
    const fitting = [...fallbacks.keys()].filter((at) => isFor(fallbacks[at], category) && at > inUse);
    if (fitting[0] === next.index) return;
    violated(
      this,
      `${textOf(told)}: fallback ${next.index} follows ${category}, where ${fitting.join(", ")} are for it`,
    );
  }
}

function isFor(fallback: Alternative | undefined, category: ErrorCategory): boolean {
  return fallback?.on?.includes(category) ?? true;
}

interface Failure {
  readonly step: string;
  readonly next: Next;
  readonly category: ErrorCategory;
}

/** Of an attempt, whichever way it ended; a silence is a failure of a category too. */
function failureOf({ type, data }: Fact): Failure | undefined {
  if (type === "StepFailed") return { ...data, category: data.error.category };
  if (type === "StepTimedOut") return { ...data, category: "timeout" };
  return type === "StepLost" ? { ...data, category: "unavailable" } : undefined;
}
