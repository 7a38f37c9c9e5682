import type { Json, JsonObject } from "#events/json.ts";
import { argumentModel } from "#src/planning/binding/argument-model.ts";
import { canBe } from "#src/planning/binding/as-argument.ts";
import { choicesFor } from "#src/planning/binding/choices.ts";
import { NO_HABITS } from "#src/planning/binding/habits.ts";
import { spansOf } from "#src/planning/binding/spans.ts";
import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";
import { fitsTool } from "#src/planning/fallbacks/bound-anew.ts";
import { argumentsOf, constantOf } from "#src/planning/fallbacks/written-arguments.ts";
import { sharesOf } from "#src/planning/learning/linear.ts";
import { calling, course, type Course } from "#src/planning/replanning/courses.ts";
import { entryFor, type Situation } from "#src/planning/replanning/situation.ts";
import { literal } from "#src/language/literal.ts";

// Other values for arguments that a tool has refused: other words of the request, or what somebody has said.
//
// N1. What a tool says of its refusal is data: it tells which argument is meant, and a value only where the tool's own schema lists it.
// N2. Of a tool with effects no argument is guessed: whoever asked says what it is.

/** The arguments that a refusal speaks of; none where it names none. */
export function blamedBy(message: string, { parameters }: CatalogEntry): readonly MeantField[] {
  const said = ` ${nameWords(message).join(" ")} `;
  return parameters.filter(({ path }) => path.length === 1 && said.includes(` ${nameWords(path[0] ?? "").join(" ")} `));
}

/** Another value for each argument that is blamed, the likeliest first. */
export function rebound(id: string, message: string, situation: Situation): readonly Course[] {
  const step = situation.steps[id] ?? {};
  const entry = entryFor(step, situation);
  if (entry?.sideEffects !== "read") return [];
  return blamedBy(message, entry).flatMap((parameter) =>
    valuesFor(parameter, { entry, message, situation })
      .filter((value) => !isNow(step, parameter, value))
      .flatMap((value) => withArgument(id, { parameter, value }, situation)),
  );
}

interface Wanted {
  readonly entry: CatalogEntry;
  readonly message: string;
  readonly situation: Situation;
}

/** Less likely than this is not what was meant. */
const LEAST_SHARE = 0.02;
const MAX_VALUES = 4;

function valuesFor(parameter: MeantField, { entry, message, situation }: Wanted): readonly Json[] {
  const { analysis, entries, now } = situation;
  // Any other run of words would be a guess: somebody can be asked.
  const spans = spansOf(analysis).filter(({ kind }) => kind !== "phrase");
  const slot = { entry, parameter, ordinal: 0, before: [], entries, bound: {}, spans };
  const choices = choicesFor(slot, NO_HABITS);
  const { linear } = argumentModel([], [], now);
  const shares = sharesOf(
    linear,
    choices.map(({ features }) => features),
  );
  const said = choices.flatMap(({ source }, at) =>
    source !== undefined && "value" in source ? [{ value: source.value, share: shares[at] ?? 0 }] : [],
  );
  const likely = said.filter(({ share }) => share >= LEAST_SHARE).toSorted((one, two) => two.share - one.share);
  return [...namedIn(message, parameter), ...likely.map(({ value }) => value)].slice(0, MAX_VALUES);
}

/** N1. */
function namedIn(message: string, { options = [] }: MeantField): readonly Json[] {
  const named = options.filter((option) => typeof option === "string" && message.includes(JSON.stringify(option)));
  return named.length === 1 ? named : [];
}

function isNow(step: JsonObject, { path }: MeantField, value: Json): boolean {
  const now = constantOf(argumentsOf(step)[path[0] ?? ""] ?? null);
  return JSON.stringify(now) === JSON.stringify(value);
}

/** None where the value is not what the tool takes, or was tried. */
export function withArgument(
  id: string,
  { parameter, value }: { readonly parameter: MeantField; readonly value: Json },
  situation: Situation,
): readonly Course[] {
  const step = situation.steps[id] ?? {};
  const entry = entryFor(step, situation);
  const [name = ""] = parameter.path;
  if (entry === undefined || !canBe(value, parameter)) return [];
  const given = { ...argumentsOf(step), [name]: literal(value) };
  if (!fitsTool(entry, given)) return [];
  const explanation = `${entry.name} is asked with ${name} ${JSON.stringify(value)}`;
  return course(id, calling(step, entry.name, given), { situation, explanation });
}
