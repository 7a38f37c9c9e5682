import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import type { TrainedModel } from "#src/planning/drafting/trained-sets.ts";
import type { PlanningFinding, TrainedKnowledge } from "#src/planning/request/trained-file.ts";

// Whether a model that was trained before is one of the tools that there are. What it says of others is left out where it says it
// (trained-sets.ts); here it is said how much that is.

/** Undefined where there is none, or none of its tools is here. */
export function modelFor(
  trained: TrainedKnowledge | undefined,
  entries: readonly CatalogEntry[],
): TrainedModel | undefined {
  const { model } = trained ?? {};
  return model !== undefined && absent(model, entries).length < model.predictor.tools.length ? model : undefined;
}

const MAX_NAMED = 3;

export function findingsOf(
  trained: TrainedKnowledge | undefined,
  entries: readonly CatalogEntry[],
): readonly PlanningFinding[] {
  if (trained === undefined) return [];
  const { model, findings } = trained;
  const missing = model === undefined ? [] : absent(model, entries);
  if (model === undefined || missing.length === 0) return findings;
  const { length } = model.predictor.tools;
  if (missing.length === length) {
    const message = `${model.origin}: none of the ${length} tools that it knows is here; planned without it`;
    return [...findings, { code: "planner-model-unrelated", message }];
  }
  const named = missing.slice(0, MAX_NAMED).join(", ");
  const message = `${model.origin}: ${missing.length} of the ${length} tools that it knows are not here: ${named}${missing.length > MAX_NAMED ? ", …" : ""}`;
  return [...findings, { code: "planner-model-partial", message }];
}

function absent({ predictor }: TrainedModel, entries: readonly CatalogEntry[]): readonly string[] {
  const here = new Set(entries.map(({ name }) => name));
  return predictor.tools.filter((tool) => !here.has(tool));
}
