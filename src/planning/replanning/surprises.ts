import { isJsonList, type Json, type JsonObject } from "#events/json.ts";
import { readsOf } from "#src/planning/fallbacks/output-reads.ts";
import { isOpen, stepsIn, type Replanning } from "#src/planning/replanning/situation.ts";

// What a step gave that the rest of the plan cannot go on with, although the step has succeeded.

export interface Surprise {
  readonly step: string;
  /** The steps that cannot go on. */
  readonly readers: readonly string[];
}

/**
 * Steps that gave an empty list, or nothing, of which others read a part; and those that gave something of which another could not read
 * what it needs. `source` is the plan as it is written.
 */
export function surprisesIn(source: JsonObject, { outcomes }: Pick<Replanning, "outcomes">): readonly Surprise[] {
  const steps = stepsIn(source);
  return Object.keys(steps).flatMap((step) => {
    const { state, output } = outcomes[step] ?? { state: "pending" };
    if (state !== "succeeded" || output === undefined) return [];
    const readers = Object.keys(steps).filter((id) => {
      const isStuck = isNothing(output) ? isOpen(id, { outcomes }) : outcomes[id]?.isUnread === true;
      return isStuck && readsOf(steps[id] ?? null, step).includes("part");
    });
    return readers.length === 0 ? [] : [{ step, readers }];
  });
}

function isNothing(output: Json): boolean {
  return output === null || output === "" || (isJsonList(output) && output.length === 0);
}
