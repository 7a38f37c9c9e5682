import { isJsonList, isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { readsOf } from "#src/planning/fallbacks/output-reads.ts";
import { isOpen, stepsIn, type Replanning } from "#src/planning/replanning/situation.ts";

// Another step in the place of one: what has not begun reads it, and waits for it, instead.
//
// N1. A step that does something else has another id. Attempts are counted by it, and services outside tell calls apart by it: under the
//     old one the new work would be taken for the old.

/** `places`, `places_2`, `places_3`: never one from before. */
export function nextId(id: string, steps: Readonly<Record<string, unknown>>): string {
  const [, base = id, number = "1"] = /^(.*?)(?:_(\d{1,6}))?$/.exec(id) ?? [];
  for (let next = Number(number) + 1; ; next += 1)
    if (!Object.hasOwn(steps, `${base}_${next}`)) return `${base}_${next}`;
}

/** Without the number. */
export function baseOf(id: string): string {
  return id.replace(/_\d{1,6}$/, "");
}

interface Instead {
  readonly id: string;
  readonly by: string;
}

/** The plan with steps that have not begun, and its own words, reading the other step; which ids these are. */
export function readInstead(
  source: JsonObject,
  instead: Instead,
  plan: Pick<Replanning, "outcomes">,
): { readonly source: JsonObject; readonly readers: readonly string[] } {
  const steps = stepsIn(source);
  const readers = Object.keys(steps).filter((reader) => {
    return (
      reader !== instead.id &&
      reader !== instead.by &&
      isOpen(reader, plan) &&
      waitsFor(steps[reader] ?? {}, instead.id)
    );
  });
  const changed = readers.map((reader) => [reader, reading(steps[reader] ?? {}, instead)] as const);
  const words = ["outputs", "respond"].flatMap((word) => {
    const value = source[word];
    return value === undefined ? [] : [[word, readingIn(value, instead)] as const];
  });
  return {
    source: { ...source, ...Object.fromEntries(words), steps: { ...steps, ...Object.fromEntries(changed) } },
    readers,
  };
}

/** The plan with the step under another id, where it stood. */
export function renamed(source: JsonObject, { id, by }: Instead, plan: Pick<Replanning, "outcomes">): JsonObject {
  const { source: read } = readInstead(source, { id, by }, plan);
  const steps = Object.entries(stepsIn(read)).map(([name, step]) => [name === id ? by : name, step] as const);
  return { ...read, steps: Object.fromEntries(steps) };
}

function waitsFor(step: JsonObject, id: string): boolean {
  return readsOf(step, id).length > 0 || (isJsonList(step["needs"]) && step["needs"].includes(id));
}

function reading(step: JsonObject, instead: Instead): JsonObject {
  const { needs, ...others } = step;
  const rewritten = Object.entries(others).map(([word, value]) => [word, readingIn(value, instead)] as const);
  const waits = isJsonList(needs) ? { needs: needs.map((need) => (need === instead.id ? instead.by : need)) } : {};
  return { ...Object.fromEntries(rewritten), ...waits };
}

function readingIn(value: Json, { id, by }: Instead): Json {
  if (typeof value === "string") {
    return value.replaceAll(new RegExp(`\\bsteps(\\s*\\.\\s*)${id}(?=\\s*\\.)`, "g"), `steps$1${by}`);
  }
  if (isJsonList(value)) return value.map((part) => readingIn(part, { id, by }));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, readingIn(part, { id, by })]));
}
