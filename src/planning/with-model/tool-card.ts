import type { Json, JsonObject } from "#events/json.ts";
import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import { estimatedTokens } from "#src/model/token-estimate.ts";
import { boundedText } from "#src/tools/bounded-text.ts";

// A tool as a model is told of it: short, bounded, and data like all that comes from outside. What no card tells of cannot be used by the
// model either.

const MAX_TOOLS = 20;
/** Of all cards together. */
const MAX_CARD_TOKENS = 8_000;
const MAX_DESCRIPTION_BYTES = 400;
const MAX_FIELD_BYTES = 160;
/** Arguments of one tool, and as many fields of its output. */
const MAX_FIELDS = 24;
const MAX_OPTIONS = 30;
/** Of options together, and of a default. */
const MAX_VALUES_CHARS = 1_000;
const MAX_NAME_CHARS = 128;

/** Those that a prompt has room for, the first ones: whoever gives them puts the best first. One that is too large is passed over. */
export function fittingTools(entries: readonly CatalogEntry[]): readonly CatalogEntry[] {
  let left = MAX_CARD_TOKENS;
  const offered: CatalogEntry[] = [];
  for (const entry of entries.slice(0, MAX_TOOLS)) {
    const tokens = estimatedTokens(JSON.stringify(toolCard(entry)));
    if (tokens > left) continue;
    left -= tokens;
    offered.push(entry);
  }
  return offered;
}

export function toolCard(entry: CatalogEntry): JsonObject {
  const { name, description, sideEffects, outputs } = entry;
  return {
    tool: name,
    does: boundedText(description, MAX_DESCRIPTION_BYTES),
    effects: sideEffects,
    arguments: argumentsOf(entry).map(argumentCard),
    gives: outputs.slice(0, MAX_FIELDS).map(({ path, type }) => ({ path: path.map(asIndex), type })),
  };
}

/** Its own arguments, not those inside of others: required ones first, as many as a model is told of. */
export function argumentsOf({ parameters }: CatalogEntry): readonly MeantField[] {
  const own = parameters.filter(({ path }) => path.length === 1 && isArgumentName(path[0] ?? ""));
  const isRequired = (field: MeantField): number => Number(!field.isRequired);
  return own.toSorted((one, other) => isRequired(one) - isRequired(other)).slice(0, MAX_FIELDS);
}

/** One that every object understands as something else is none. */
function isArgumentName(name: string): boolean {
  return name !== "__proto__" && name.length <= MAX_NAME_CHARS;
}

function argumentCard({ path, type, isRequired, description, options, fallback }: MeantField): JsonObject {
  return {
    name: path[0] ?? "",
    type,
    required: isRequired,
    ...(description === "" ? {} : { is: boundedText(description, MAX_FIELD_BYTES) }),
    ...(options === undefined || !isShort(options) ? {} : { options: options.slice(0, MAX_OPTIONS) }),
    ...(fallback === undefined || !isShort(fallback) ? {} : { default: fallback }),
  };
}

function isShort(value: Json): boolean {
  return JSON.stringify(value).length <= MAX_VALUES_CHARS;
}

/** Of a list the first item is what can be named. */
function asIndex(name: string): Json {
  return name === "*" ? 0 : name;
}
