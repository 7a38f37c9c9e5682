import { isJsonList, isJsonObject, type Json } from "#events/json.ts";

// Where two definitions of one step differ: the least values that are not the same, each by its path, so that a reviewer sees what a
// revision has changed and not the whole step.

export interface Difference {
  readonly step: string;
  /** Members and places, joined by dots; empty for the step itself. */
  readonly path: string;
  /** Undefined where there was none. */
  readonly before?: Json;
  readonly after?: Json;
}

/** The first ones are kept. */
const MAX_DIFFERENCES = 500;

/** Of the steps that both definitions have. */
export function definitionDifferences(before: Json, after: Json): readonly Difference[] {
  const old = stepsOf(before);
  const found: Difference[] = [];
  for (const [step, becomes] of stepsOf(after)) {
    const was = old.get(step);
    if (was !== undefined) compare({ step, path: "" }, [was, becomes], found);
  }
  return found;
}

function stepsOf(definition: Json): ReadonlyMap<string, Json> {
  const steps = isJsonObject(definition) && isJsonList(definition["steps"]) ? definition["steps"] : [];
  return new Map(
    steps.flatMap((step) =>
      isJsonObject(step) && typeof step["id"] === "string" ? [[step["id"], step] as const] : [],
    ),
  );
}

type Pair = readonly [Json | undefined, Json | undefined];

function compare({ step, path }: Difference, [before, after]: Pair, found: Difference[]): void {
  if (found.length >= MAX_DIFFERENCES || JSON.stringify(before) === JSON.stringify(after)) return;
  const [left, right] = [membersOf(before), membersOf(after)];
  if (left === undefined || right === undefined) {
    const was = before === undefined ? {} : { before };
    found.push({ step, path, ...was, ...(after === undefined ? {} : { after }) });
    return;
  }
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    compare({ step, path: path === "" ? name : `${path}.${name}` }, [left.get(name), right.get(name)], found);
  }
}

/** Undefined of what has none. */
function membersOf(value: Json | undefined): ReadonlyMap<string, Json> | undefined {
  if (isJsonList(value)) return new Map(value.map((one, at) => [String(at), one]));
  return isJsonObject(value) ? new Map(Object.entries(value)) : undefined;
}
