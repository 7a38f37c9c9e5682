import type { Json, JsonObject } from "#events/json.ts";
import { readAnswer } from "#src/planning/answering/answers.ts";
import type { Clock } from "#src/planning/answering/bounds.ts";
import { canBe } from "#src/planning/binding/as-argument.ts";
import { asWanted } from "#src/planning/binding/as-wanted.ts";
import type { Call, Source } from "#src/planning/binding/source.ts";
import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";

// Values that came with a request, or in answer to a question, as arguments that its words did not give.
//
// G1. Data: a value becomes an argument of a parameter that its name says, and that its type fits, and nothing else.
// G2. What was answered counts before what came along, and both before a default.

export interface GivenValues extends Clock {
  /** By `tool.parameter`, as questions name them, or by the parameter's name. */
  readonly answers: JsonObject;
  readonly context: JsonObject;
}

interface OpenCall extends Call {
  readonly missing: readonly string[];
}

/** The same calls with fewer arguments missing. */
export function withGiven<C extends OpenCall>(
  calls: readonly C[],
  entries: readonly CatalogEntry[],
  given: GivenValues,
): readonly C[] {
  return calls.map((call) => {
    const entry = entries.find(({ name }) => name === call.tool);
    if (entry === undefined) return call;
    const found = entry.parameters.flatMap((parameter): [string, Source][] => {
      const [name = "", ...inner] = parameter.path;
      if (inner.length > 0 || !isOpen(call, name)) return [];
      const value = valueFor(call.tool, parameter, given);
      return value === undefined ? [] : [[name, { kind: "habit", value }]];
    });
    const added = Object.fromEntries(found);
    const missing = call.missing.filter((name) => !Object.hasOwn(added, name));
    return { ...call, arguments: { ...call.arguments, ...added }, missing };
  });
}

/** Nobody said it: missing, left out, or what it is where nobody says otherwise. */
function isOpen({ arguments: bound, missing }: OpenCall, name: string): boolean {
  const source = Object.hasOwn(bound, name) ? bound[name] : undefined;
  return missing.includes(name) || source === undefined || source.kind === "default" || source.kind === "habit";
}

function valueFor(tool: string, parameter: MeantField, given: GivenValues): Json | undefined {
  const { answers, context } = given;
  const name = parameter.path[0] ?? "";
  const words = nameWords(name).join(" ");
  const named = (values: JsonObject): readonly Json[] =>
    Object.entries(values).flatMap(([key, value]) => (nameWords(key).join(" ") === words ? [value] : []));
  const exact = Object.hasOwn(answers, `${tool}.${name}`) ? [answers[`${tool}.${name}`] ?? null] : [];
  const said = [...exact, ...named(answers)].map(
    (value) => asSaid(value, parameter, given) ?? asWanted(value, parameter),
  );
  const found = [...said, ...named(context).map((value) => asWanted(value, parameter))];
  return found.find((value) => value !== undefined);
}

/** A person answers "tomorrow" where a date is asked for. */
function asSaid(value: Json, parameter: MeantField, clock: Clock): Json | undefined {
  const read = typeof value === "string" ? readAnswer(value, parameter, clock) : undefined;
  return read !== undefined && canBe(read, parameter) ? read : undefined;
}
