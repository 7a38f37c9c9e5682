import path from "node:path";
import type { Json } from "#events/json.ts";
import { isJsonList, isJsonObject } from "#events/json.ts";
import { planLibrary, type PlanLibrary } from "#src/language/called-plans.ts";
import type { PlanSource } from "#src/language/parse.ts";
import { folderLibrary } from "#src/plan-files/folder-library.ts";

/**
 * The plans that a plan calls, and those that they call, as far as they are found with it, beside its file or in the places: what
 * has to go along where another process checks it. Faults: those of the library, e.g. `plan-twice`.
 */
export function calledSources(
  { source, beside }: { readonly source: PlanSource; readonly beside: readonly PlanSource[] },
  places: readonly string[],
): readonly PlanSource[] {
  const library = planLibrary(beside, folderLibrary([path.dirname(source.file), ...places]));
  const found = new Map<string, readonly PlanSource[]>();
  collect(source, library, found);
  return [...found.values()].flat();
}

function collect({ root }: PlanSource, library: PlanLibrary, found: Map<string, readonly PlanSource[]>): void {
  for (const name of namesCalled(root.value)) {
    if (found.has(name)) continue;
    const sources = library.find(name);
    found.set(name, sources);
    for (const one of sources) collect(one, library, found);
  }
}

/** `call: name@range`, wherever it stands. */
function namesCalled(value: Json): readonly string[] {
  if (isJsonList(value)) return value.flatMap(namesCalled);
  if (!isJsonObject(value)) return [];
  const { call } = value;
  const own = typeof call === "string" ? [call.split("@")[0] ?? ""] : [];
  return [...own, ...Object.values(value).flatMap(namesCalled)];
}
