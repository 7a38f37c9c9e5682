import { expect } from "vitest";
import { contentHash } from "#events/canonical.ts";
import type { PlanDefinition } from "#events/definition.ts";
import { errorOf, type ErrorCategory } from "#events/errors.ts";
import type { Json, JsonObject } from "#events/json.ts";
import { analysed, type Analysis } from "#src/planning/analysis/analyse.ts";
import { replanned, type Replanned } from "#src/planning/replanning/replanned.ts";
import type { Replanning, StepOutcome } from "#src/planning/replanning/situation.ts";
import { checked, ENTRIES, wrongs } from "../substitutable.ts";

// A plan of two steps that does not go as it was planned, and what replanning says to it.

export const NOW = Date.UTC(2026, 10, 28);

export function definitionOf(steps: Record<string, Json>, more: JsonObject = {}): PlanDefinition {
  const found = checked({ plan: "p", steps, ...more });
  if (!found.ok) throw new Error(wrongs({ plan: "p", steps, ...more }).join("; "));
  return found.definition;
}

function analysisOf(request: string): Analysis {
  const result = analysed(request, { now: NOW });
  if (result.kind === "unreadable") throw new Error(result.why.message);
  return result.analysis;
}

export const failed = (category: ErrorCategory, message = "no", code = "test"): StepOutcome => {
  return { state: "failed", error: errorOf(category, code, message) };
};
export const succeeded = (output: Json): StepOutcome => ({ state: "succeeded", output });

export const callOf = (tool: string, args: JsonObject): string => contentHash({ tool, version: "1.0.0", args });

export const STEPS = {
  w: { tool: "meteo.get_weather", with: { city: "Oslo" } },
  m: { tool: "mail.send", with: { recipient: "a@b.c", text: "${steps.w.output.summary}" } },
};

/** What was said was nothing that helps. */
export const TWICE_ASKED = ["w", "w"].map((step) => ({ step, said: 7 }));

export interface Case extends Partial<Replanning> {
  readonly steps?: Record<string, Json>;
  readonly request?: string;
  readonly more?: JsonObject;
}

export function answerTo({
  steps = STEPS,
  request = "Mail a@b.c the weather of Oslo",
  more = {},
  ...given
}: Case): Replanned {
  const answer = replanned({
    definition: definitionOf(steps, more),
    outcomes: { w: failed("unavailable") },
    cause: { kind: "failed", step: "w" },
    tried: [],
    answers: [],
    replannings: 0,
    analysis: analysisOf(request),
    entries: ENTRIES,
    now: NOW,
    ...given,
  });
  if (answer.kind === "rest") expect(wrongs(answer.source)).toEqual([]);
  return answer;
}
