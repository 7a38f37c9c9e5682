import { substitutesOf } from "#src/planning/fallbacks/capabilities.ts";
import { looser } from "#src/planning/fallbacks/other-arguments.ts";
import { argumentsOf } from "#src/planning/fallbacks/written-arguments.ts";
import { calling, course, type Course } from "#src/planning/replanning/courses.ts";
import { nextId } from "#src/planning/replanning/renaming.ts";
import { entryFor, type Situation } from "#src/planning/replanning/situation.ts";

// A step that has succeeded and gave nothing of use: another step beside it asks once more, elsewhere or for more, and what has not begun
// reads that one.
//
// A1. The step itself stays, with what it gave. It is asked again only of what has no effects.

export function askedAgain(id: string, situation: Situation): readonly Course[] {
  const step = situation.steps[id] ?? {};
  const entry = entryFor(step, situation);
  if (entry?.sideEffects !== "read") return [];
  const again = nextId(id, situation.steps);
  const { forbidden = [], capabilities } = situation;
  const given = argumentsOf(step);
  const others = substitutesOf({ tool: entry.name, with: given }, capabilities, { forbidden }).flatMap((other) => {
    const explanation = `${again} asks ${other.tool} for the same`;
    return course(again, calling(step, other.tool, other.with), { situation, explanation });
  });
  const wider = looser(entry, given);
  const explanation = `${again} asks ${entry.name} once more, ${wider?.reason ?? ""}`;
  const once =
    wider === undefined ? [] : course(again, calling(step, entry.name, wider.with), { situation, explanation });
  return [...others, ...once].map((one) => ({ ...one, readInstead: { id, by: again } }));
}
