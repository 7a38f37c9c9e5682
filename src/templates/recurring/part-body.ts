import type { Json, JsonObject } from "#events/json.ts";
import { isJsonList, isJsonObject } from "#events/json.ts";
import { canonicalJson } from "#events/canonical.ts";
import { parameterName } from "#src/templates/generalised.ts";
import { renamed, stepsIn, type Call } from "#src/templates/recurring/call-graph.ts";
import { linksAmong } from "#src/templates/recurring/canonical.ts";
import type { Place } from "#src/templates/recurring/search.ts";

// A recurring part as the body of a template, from all places where it stands.
//
// B1. An argument that is the same everywhere, or takes from a call of the part, stays as it is; one that differs, or reads something
//     outside of the part, becomes a parameter; one that some places do without is left out.
// B2. Steps have the names and the order that they have in the first place.

interface PartBody {
  readonly parameters: JsonObject;
  readonly steps: JsonObject;
  readonly outputs: JsonObject;
  readonly tools: readonly string[];
}

/** Of at least one place. */
export function partBody(places: readonly Place[]): PartBody {
  const [first] = places;
  if (first === undefined) return { parameters: {}, steps: {}, outputs: {}, tools: [] };
  const parameters = new Parameters();
  const links = linksAmong(first.graph, first.order);
  const idOf = (node: number): string => first.graph.calls[node]?.id ?? "";
  const positions = first.order
    .map((node, position) => ({ node, position }))
    .sort((one, other) => one.node - other.node);
  const steps = positions.map(({ node, position }): [string, JsonObject] => {
    const calls = places.map((place) => ({ place, call: place.graph.calls[place.order[position] ?? -1] }));
    const known = calls.flatMap(({ place, call }) =>
      call === undefined ? [] : [{ call, inside: namesIn(place, first) }],
    );
    const given = sharedArguments(known, { step: idOf(node), parameters });
    const read = stepsIn(JSON.stringify(given));
    const before = links.filter(({ to }) => to === node).map(({ from }) => idOf(from));
    // What is only an order, or flowed together with something from outside.
    const needs = before.filter((id) => !read.includes(id));
    const step = { tool: first.graph.calls[node]?.tool ?? "", with: given };
    return [idOf(node), needs.length === 0 ? step : { ...step, needs }];
  });
  const last = positions.filter(({ node }) => !links.some(({ from }) => from === node));
  const outputs = last.map(({ node }) => [idOf(node), `\${steps.${idOf(node)}.output}`] as const);
  const tools = positions.map(({ node }) => first.graph.calls[node]?.tool ?? "");
  return {
    parameters: parameters.written(),
    steps: Object.fromEntries(steps),
    outputs: Object.fromEntries(outputs),
    tools,
  };
}

/** By the names of a place's steps, those of the first place. */
type Inside = ReadonlyMap<string, string>;

function namesIn({ graph, order }: Place, first: Place): Inside {
  const pairs = order.map((node, position): [string, string] => [
    graph.calls[node]?.id ?? "",
    first.graph.calls[first.order[position] ?? -1]?.id ?? "",
  ]);
  return new Map(pairs);
}

interface Known {
  readonly call: Call;
  readonly inside: Inside;
}

interface Writing {
  readonly step: string;
  readonly parameters: Parameters;
}

function sharedArguments(known: readonly Known[], writing: Writing): JsonObject {
  const [first] = known;
  const names = Object.keys(first?.call.with ?? {}).filter((name) =>
    known.every(({ call }) => Object.hasOwn(call.with, name)),
  );
  const given = names.map((name): [string, Json] => {
    const values = known.flatMap(({ call, inside }) => {
      const value = call.with[name];
      return value === undefined ? [] : [{ value, inside }];
    });
    return [name, shared(values, { ...writing, path: [name] })];
  });
  return Object.fromEntries(given);
}

interface Said {
  readonly value: Json;
  readonly inside: Inside;
}

type At = Writing & { readonly path: readonly string[] };

function shared(said: readonly Said[], at: At): Json {
  const written = said.map(({ value, inside }) => withNames(value, inside));
  const [first] = written;
  if (first === undefined) return null;
  if (first !== OUTSIDE && written.every((one) => one !== OUTSIDE && canonicalJson(one) === canonicalJson(first)))
    return first;
  return sharedParts(said, at) ?? at.parameters.reference(said, at);
}

/** Objects with the same names and lists of the same length, part by part. */
function sharedParts(said: readonly Said[], at: At): Json | undefined {
  const [first] = said;
  const within = (key: string, part: (value: Json) => Json | undefined): Json =>
    shared(
      said.flatMap(({ value, inside }) => {
        const inner = part(value);
        return inner === undefined ? [] : [{ value: inner, inside }];
      }),
      { ...at, path: [...at.path, key] },
    );
  if (isJsonObject(first?.value)) {
    const keys = Object.keys(first.value);
    const isSame = said.every(
      ({ value }) => isJsonObject(value) && Object.keys(value).sort().join() === [...keys].sort().join(),
    );
    if (!isSame) return undefined;
    return Object.fromEntries(
      keys.map((key) => [key, within(key, (value) => (isJsonObject(value) ? value[key] : undefined))]),
    );
  }
  const list = first?.value;
  if (!isJsonList(list)) return undefined;
  const isSame = said.every(({ value }) => isJsonList(value) && value.length === list.length);
  if (!isSame) return undefined;
  return list.map((_, index) => within(String(index), (value) => (isJsonList(value) ? value[index] : undefined)));
}

const OUTSIDE = Symbol("reads something outside of the part");

/** With the step names of the first place. */
function withNames(value: Json, inside: Inside): Json | typeof OUTSIDE {
  if (typeof value === "string") {
    if (stepsIn(value).some((id) => !inside.has(id)) || readsMore(value)) return OUTSIDE;
    return renamed(value, (id) => inside.get(id) ?? id);
  }
  if (isJsonList(value)) {
    const items = value.map((inner) => withNames(inner, inside));
    const known = items.filter((item) => item !== OUTSIDE);
    return known.length === items.length ? known : OUTSIDE;
  }
  if (!isJsonObject(value)) return value;
  const entries: [string, Json][] = [];
  for (const [key, inner] of Object.entries(value)) {
    const one = withNames(inner, inside);
    if (one === OUTSIDE) return OUTSIDE;
    entries.push([key, one]);
  }
  return Object.fromEntries(entries);
}

/** Inputs of the plan are not there in another one. */
function readsMore(text: string): boolean {
  return text.includes("${") && /\binputs\b/.test(text);
}

class Parameters {
  readonly #found = new Map<string, JsonObject>();

  reference(said: readonly Said[], { step, path }: At): string {
    const type = typeOf(said.map(({ value }) => value));
    const short = parameterName(path.join("_"));
    let name = short;
    for (let times = 2; this.#found.has(name); times += 1) {
      name = times === 2 ? parameterName(`${step}_${short}`) : parameterName(`${step}_${short}_${times}`);
    }
    this.#found.set(name, { ...type, description: `${path.join(".")} of ${step}` });
    return `\${parameters.${name}}`;
  }

  written(): JsonObject {
    return Object.fromEntries(this.#found);
  }
}

/** What was an expression may have been anything. */
function typeOf(values: readonly Json[]): JsonObject {
  if (values.some((value) => typeof value === "string" && value.includes("${"))) return {};
  const types = new Set(values.map((value) => (isJsonList(value) ? "array" : value === null ? "null" : typeof value)));
  const [type] = types;
  if (types.size !== 1 || type === undefined || type === "null") return {};
  return type === "number" && values.every((value) => Number.isInteger(value)) ? { type: "integer" } : { type };
}
