import { isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { canBe } from "#src/planning/binding/as-argument.ts";
import type { EarlierSource } from "#src/planning/binding/source.ts";
import type { CatalogEntry, MeantField } from "#src/planning/catalog/entry.ts";
import { withReferences, type Referred } from "#src/planning/conversation/references.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";
import type { Draft } from "#src/planning/drafting/planner.ts";

// "Send it to Ann": what an earlier request of the conversation gave, as an argument of this one. It is in the inputs of the plan, and
// the plan reads it there.
//
// E1. A place becomes an argument only where what stands there fits its type; of a record the field that the parameter is named as, that
//     is a text where a text is wanted, or the only one that fits.

interface Conversation {
  readonly entries: readonly CatalogEntry[];
  /** Requests of before, as the plan has them among its inputs. */
  readonly earlier: readonly JsonObject[];
}

/** The draft with fewer arguments missing. */
export function withEarlier(draft: Draft, references: readonly Referred[], conversation: Conversation): Draft {
  if (references.length === 0) return draft;
  const { draft: bound, bound: places } = withReferences(draft, references, conversation.entries);
  const calls = bound.calls.map((call, at) => {
    const own = places.filter((place) => place.call === at);
    const found = own.map(({ parameter }): [string, EarlierSource | undefined] => {
      const source = call.arguments[parameter];
      const field = fieldOf(conversation.entries, call.tool, parameter);
      if (source?.kind !== "earlier" || field === undefined) return [parameter, undefined];
      const path = fittingPath(valueAt(source, conversation.earlier), field, source.path);
      return [parameter, path && { ...source, path }];
    });
    const lost = found.filter(([, source]) => source === undefined).map(([parameter]) => parameter);
    const kept = Object.entries(call.arguments).filter(([parameter]) => !lost.includes(parameter));
    const fitted = found.flatMap(([parameter, source]) => (source === undefined ? [] : [[parameter, source] as const]));
    return {
      ...call,
      arguments: { ...Object.fromEntries(kept), ...Object.fromEntries(fitted) },
      missing: [...call.missing, ...lost],
    };
  });
  return { ...bound, calls };
}

/** The expression that reads it from the plan's inputs; undefined where it is no longer among them. */
export function earlierExpression(
  { plan, path }: Pick<EarlierSource, "plan" | "path">,
  earlier: readonly JsonObject[],
): string | undefined {
  const at = earlier.findIndex((one) => one["plan"] === plan);
  if (at < 0) return undefined;
  const fields = ["outputs", ...path].map((field) =>
    /^\d+$/.test(field) ? `[${field}]` : `[${JSON.stringify(field)}]`,
  );
  return `inputs.earlier[${at}]${fields.join("")}`;
}

export function valueAt(
  { plan, path }: Pick<EarlierSource, "plan" | "path">,
  earlier: readonly JsonObject[],
): Json | undefined {
  const outputs = earlier.find((one) => one["plan"] === plan)?.["outputs"];
  let value: Json | undefined = outputs;
  for (const field of path) value = value === undefined ? undefined : memberAt(value, field);
  return value;
}

function memberAt(value: Json, field: string): Json | undefined {
  if (Array.isArray(value)) {
    const items: readonly Json[] = value;
    return items[Number(field)];
  }
  return isJsonObject(value) && Object.hasOwn(value, field) ? value[field] : undefined;
}

function fieldOf(entries: readonly CatalogEntry[], tool: string, parameter: string): MeantField | undefined {
  const entry = entries.find(({ name }) => name === tool);
  return entry?.parameters.find(({ path }) => path.length === 1 && path[0] === parameter);
}

/** E1. */
function fittingPath(
  value: Json | undefined,
  field: MeantField,
  path: readonly string[],
): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const member = isJsonObject(value) && field.type !== "any" ? fittingMember(value, field) : undefined;
  if (member !== undefined) return [...path, member];
  return canBe(value, field) ? path : undefined;
}

function fittingMember(value: JsonObject, field: MeantField): string | undefined {
  const fitting = Object.keys(value).filter((name) => canBe(value[name] ?? null, field));
  const named = fitting.find((name) => name === field.path[0]);
  const text = field.type === "string" ? fitting.find(isText) : undefined;
  return named ?? text ?? (fitting.length === 1 ? fitting[0] : undefined);
}

const TEXTS: ReadonlySet<string> = new Set("text content body summary result message value".split(" "));

function isText(name: string): boolean {
  return nameWords(name).some((word) => TEXTS.has(word));
}
