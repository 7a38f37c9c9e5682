import type { Json } from "#events/json.ts";
import type { Call, OutputSource, Source } from "#src/planning/binding/source.ts";
import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import { fitted, namesSecret } from "#src/planning/with-model/fitting-value.ts";
import { outputPart } from "#src/planning/with-model/output-part.ts";
import type { Notes } from "#src/planning/with-model/step-order.ts";
import type { WrittenPart, WrittenSource } from "#src/planning/with-model/written-plan.ts";

// One argument that a model has written, as the planner's writer takes it.
//
// A1. A value is text or data, whatever it looks like; a secret is never named by a model.
// A2. An output is one of an earlier call.

export interface ArgumentPlace extends Notes {
  /** What the model calls the step. */
  readonly id: string;
  readonly entry: CatalogEntry;
  /** By the model's id, the index of each call before. */
  readonly places: ReadonlyMap<string, number>;
  readonly before: readonly Call[];
  readonly entries: readonly CatalogEntry[];
  readonly request: string;
}

type Said = Exclude<WrittenSource, { kind: "ask" }>;

/** Undefined where it cannot be one; the problems say why. */
export function argumentSource(given: Said, parameter: MeantField, place: ArgumentPlace): Source | undefined {
  if (given.kind === "value") return valueSource(given.value, parameter, place);
  if (given.kind === "output") return partSource(given.part, parameter, place);
  // In a text anything can stand that can be written out.
  const parts = given.parts.map((part) => (typeof part === "string" ? part : partSource(part, undefined, place)));
  return parts.every((part) => part !== undefined) ? { kind: "text", parts } : undefined;
}

/** A1. */
function valueSource(value: Json, parameter: MeantField, place: ArgumentPlace): Source | undefined {
  const { entry, id, repairs, request } = place;
  const name = parameter.path[0] ?? "";
  if (namesSecret(value)) return problem(place, name, "secrets are not yours to name; leave it out, or ask");
  const fit = fitted(value, parameter, entry);
  if (!fit.ok) return problem(place, name, fit.why);
  if (fit.isTurned) repairs.push(`${id}: ${name} was turned into what ${entry.name} takes`);
  return saidSource(value, fit.value, request);
}

/** A2. */
function partSource(
  { step, path }: WrittenPart,
  parameter: MeantField | undefined,
  place: ArgumentPlace,
): OutputSource | undefined {
  const { places, before, entries, entry, id, repairs } = place;
  const call = places.get(step);
  const from = call === undefined ? undefined : entries.find(({ name }) => name === before[call]?.tool);
  const name = parameter?.path[0] ?? "text";
  if (call === undefined || from === undefined) return problem(place, name, `${step} is no step before this one`);
  const part = outputPart(path, { from, to: entry, parameter });
  if (!part.ok) return problem(place, name, `${step}: ${part.why}`);
  if (part.isMended) repairs.push(`${id}: ${name} takes ${part.path.join(".")} of ${step}`);
  return { kind: "output", call, path: part.path };
}

function problem({ id, problems }: ArgumentPlace, name: string, why: string): OutputSource | undefined {
  problems.push(`${id}.${name}: ${why}`);
  return undefined;
}

/** Where the request says it in so many words that is where it comes from. */
function saidSource(written: Json, value: Json, request: string): Source {
  const words = typeof written === "string" || typeof written === "number" ? String(written) : "";
  const from = words.trim() === "" ? -1 : placeIn(request, words);
  if (from < 0) return { kind: "model", value };
  return { kind: "said", value, said: { from, to: from + words.length, words } };
}

/** -1 where the words are only a part of others. */
function placeIn(request: string, words: string): number {
  for (let at = request.indexOf(words); at >= 0; at = request.indexOf(words, at + 1)) {
    const isWithin = WORD_END.test(request.slice(0, at)) && WORD_START.test(words);
    const goesOn = WORD_END.test(words) && WORD_START.test(request.slice(at + words.length));
    if (!isWithin && !goesOn) return at;
  }
  return -1;
}

const WORD_START = /^[\p{L}\p{N}]/u;
const WORD_END = /[\p{L}\p{N}]$/u;
