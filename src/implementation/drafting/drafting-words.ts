import type { Json } from "#events/json.ts";
import { json } from "#events/json.ts";
import type { Assessment } from "#src/implementation/gaps/gap.ts";
import type { RequirementsFile } from "#src/implementation/requirements/requirement.ts";
import type { AskedRequirement } from "./change-plan.ts";
import type { Draft } from "./drafted.ts";

// Which checks a plan of changes asks beside those that accept its changes: before anything is changed, and when all is merged.

/** What is met and what a change stands on: it should pass before the change is made. */
export function readyChecks(
  draft: Draft,
  { answers }: Assessment,
  { capabilities }: RequirementsFile,
): readonly Json[] {
  const met = new Set(answers.flatMap(({ verdict, requirement }) => (verdict === "met" ? [requirement] : [])));
  const planned = new Set(draft.changes.map(({ change }) => change.gap));
  const wanted = new Set(
    capabilities.flatMap(({ id, needs }) => (planned.has(id) ? needs.filter((need) => met.has(need)) : [])),
  );
  return capabilities.flatMap(({ id, check }) => (wanted.has(id) ? [json.parse(check)] : []));
}

/** What is to be met at the end: what the changes are for, and what was met before. */
export function askedAtTheEnd(
  draft: Draft,
  { answers }: Assessment,
  { capabilities }: RequirementsFile,
): readonly AskedRequirement[] {
  const met = answers.flatMap(({ verdict, requirement }) => (verdict === "met" ? [requirement] : []));
  const wanted = new Set([...met, ...draft.changes.map(({ change }) => change.gap)]);
  return capabilities.flatMap(({ id, check }) => (wanted.has(id) ? [{ id, check: json.parse(check) }] : []));
}
