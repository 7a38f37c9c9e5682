import type { Json, JsonObject } from "#events/json.ts";
import { literal, stringOf } from "#src/language/literal.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import type { FieldType } from "#src/planning/catalog/fields.ts";
import {
  callsIn,
  type Call,
  type EarlierSource,
  type OutputSource,
  type Source,
} from "#src/planning/binding/source.ts";

// Calls as a plan in the language of plans, as a person would write it: what is a text of the request stays a text, whatever is in it,
// and an output is a reference, which is also what the step waits for.

interface PlanSourceOptions {
  readonly name: string;
  /** Ids that are not for the steps. */
  readonly taken?: readonly string[];
  /** The expression for a result of an earlier request. Default: it is missing. */
  readonly earlier?: ((source: EarlierSource) => string | undefined) | undefined;
}

interface WrittenPlan extends JsonObject {
  plan: string;
  steps: JsonObject;
  outputs: JsonObject;
}

/** The steps in the order of the calls, and their outputs that no other step takes. `calls` has entries for all its tools. */
export function planSource(
  { name, taken: reserved = [], earlier }: PlanSourceOptions,
  calls: readonly Call[],
  entries: readonly CatalogEntry[],
): WrittenPlan {
  const ids = stepIds(calls, reserved);
  const entryOf = (tool: string): CatalogEntry | undefined => entries.find((entry) => entry.name === tool);
  const written = (call: Call): JsonObject =>
    Object.fromEntries(
      Object.entries(call.arguments).flatMap(([parameter, source]): readonly [string, Json][] => {
        const wanted =
          entryOf(call.tool)?.parameters.find(({ path }) => path.length === 1 && path[0] === parameter)?.type ?? "any";
        const reference = (output: OutputSource): string => referenceTo(output, { calls, ids, entryOf, wanted });
        const value = valueOf(source, { reference, earlier });
        return value === undefined ? [] : [[parameter, value]];
      }),
    );
  const steps = calls.map((call, at): [string, Json] => {
    const needs = (call.after ?? []).flatMap((before) => ids[before] ?? []);
    return [ids[at] ?? "", { tool: call.tool, with: written(call), ...(needs.length === 0 ? {} : { needs }) }];
  });
  const taken = new Set(calls.flatMap(({ arguments: given }) => Object.values(given).flatMap(callsIn)));
  const outputs = ids.filter((_id, at) => !taken.has(at)).map((id): [string, string] => [id, `\${steps.${id}.output}`]);
  return { plan: name, steps: Object.fromEntries(steps), outputs: Object.fromEntries(outputs) };
}

interface Writing extends Pick<PlanSourceOptions, "earlier"> {
  readonly reference: (output: OutputSource) => string;
}

function valueOf(source: Source, { reference, earlier }: Writing): Json | undefined {
  switch (source.kind) {
    case "earlier": {
      const expression = earlier?.(source);
      return expression === undefined ? undefined : `\${${expression}}`;
    }
    case "output":
      return `\${${reference(source)}}`;
    case "text":
      return stringOf(
        source.parts.map((part) => (typeof part === "string" ? { text: part } : { expression: reference(part) })),
      );
    case "said":
    case "default":
    case "habit":
    case "model":
      // Nothing of the request is ever read as an expression.
      return literal(source.value);
  }
}

interface Around {
  readonly calls: readonly Call[];
  readonly ids: readonly string[];
  readonly entryOf: (tool: string) => CatalogEntry | undefined;
  readonly wanted: FieldType;
}

const PLAIN = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const SCALARS: ReadonlySet<FieldType> = new Set(["number", "integer", "boolean"]);

function referenceTo({ call, path }: OutputSource, { calls, ids, entryOf, wanted }: Around): string {
  const fields = path.map((field) =>
    field === "*" ? "[0]" : PLAIN.test(field) ? `.${field}` : `[${JSON.stringify(field)}]`,
  );
  const reference = `steps.${ids[call] ?? ""}.output${fields.join("")}`;
  const output = entryOf(calls[call]?.tool ?? "")?.outputs.find((field) => field.path.join(".") === path.join("."));
  return wanted === "string" && output !== undefined && SCALARS.has(output.type) ? `string(${reference})` : reference;
}

const MAX_ID_WORDS = 4;

/** Of the last words of the tool's name, with a number where that is taken: `searchAirport`, `searchAirport2`. */
function stepIds(calls: readonly Call[], reserved: readonly string[]): readonly string[] {
  const taken = new Map(reserved.map((id): [string, number] => [id, 1]));
  return calls.map(({ tool }) => {
    const words = tool
      .split(/[^a-zA-Z0-9]+/)
      .filter((word) => word !== "")
      .slice(-MAX_ID_WORDS);
    const joined = words
      .map((word, at) => (at === 0 ? word.toLowerCase() : word.charAt(0).toUpperCase() + word.slice(1)))
      .join("");
    const id = /^[a-z]/.test(joined) ? joined : `step${joined}`;
    const times = (taken.get(id) ?? 0) + 1;
    taken.set(id, times);
    return times === 1 ? id : `${id}_${times}`;
  });
}
