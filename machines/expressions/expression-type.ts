import { KnownPairs } from "#machines/expressions/known-results.ts";

// The types that the checker reasons with: what JSON Schema can say, and the kinds that exist only inside an expression.
//
// T1. `dyn` stands for anything and is checked when it runs; `never` is the element of an empty list.
// T2. A union fits where one of its members does: what a value really is shows when it runs. So a check refuses only
//     what cannot work.
// T3. Parts are lazy: a schema may be recursive, and only what an expression touches is ever converted.

export type ExpressionType =
  | { readonly kind: SimpleKind }
  /** `integral`: the schema says `integer`; the value is a double without fraction all the same. */
  | { readonly kind: "double"; readonly integral: boolean }
  /** `values`: the only texts that it can be, where they are known. */
  | { readonly kind: "string"; readonly values?: readonly string[] }
  | { readonly kind: "list"; readonly element: Lazy }
  | MapType
  | { readonly kind: "union"; readonly members: readonly ExpressionType[] };

export type SimpleKind = "dyn" | "never" | "null" | "bool" | "int" | "timestamp" | "duration";
export type Lazy = () => ExpressionType;

export interface MapType {
  readonly kind: "map";
  readonly fields: ReadonlyMap<string, Field>;
  /** Type of every other property; absent: none is known. */
  readonly rest?: Lazy;
  /** No other property is allowed (`additionalProperties: false`). */
  readonly closed: boolean;
}

export interface Field {
  readonly type: Lazy;
  readonly required: boolean;
}

/** A kind that a value can have. */
export type Kind = Exclude<ExpressionType["kind"], "dyn" | "never" | "union">;

export const DYN = { kind: "dyn" } as const satisfies ExpressionType;
export const NEVER = { kind: "never" } as const satisfies ExpressionType;
export const NULL = { kind: "null" } as const satisfies ExpressionType;
export const BOOL = { kind: "bool" } as const satisfies ExpressionType;
export const INT = { kind: "int" } as const satisfies ExpressionType;
export const DOUBLE = { kind: "double", integral: false } as const satisfies ExpressionType;
export const INTEGRAL = { kind: "double", integral: true } as const satisfies ExpressionType;
export const STRING = { kind: "string" } as const satisfies ExpressionType;
export const TIMESTAMP = { kind: "timestamp" } as const satisfies ExpressionType;
export const DURATION = { kind: "duration" } as const satisfies ExpressionType;
export const ANY_MAP = { kind: "map", fields: new Map<string, Field>(), rest: () => DYN, closed: false } as const;

const MAX_LITERAL_VALUES = 64;
const MAX_DESCRIBED_DEPTH = 3;

export function listOf(element: Lazy): ExpressionType {
  return { kind: "list", element };
}

export function stringOf(values: readonly string[]): ExpressionType {
  return values.length <= MAX_LITERAL_VALUES ? { kind: "string", values } : STRING;
}

/** Whether a value of the type may be of one of the kinds. */
export function mayBe(type: ExpressionType, kinds: readonly Kind[]): boolean {
  if (type.kind === "never") return true;
  return members(type).some((member) => member.kind === "dyn" || kinds.some((kind) => kind === member.kind));
}

/** The alternatives of a union; a type that is none is its own only one. */
export function members(type: ExpressionType): readonly ExpressionType[] {
  return type.kind === "union" ? type.members : [type];
}

/** The smallest type here that holds the values of both. */
export function join(left: ExpressionType, right: ExpressionType): ExpressionType {
  if (left === right || right.kind === "never" || left.kind === "dyn") return left;
  if (left.kind === "never" || right.kind === "dyn") return right;
  return members(right).reduce(addMember, left);
}

export function joinAll(types: readonly ExpressionType[]): ExpressionType {
  return types.reduce<ExpressionType>(join, NEVER);
}

/** For messages: `string`, `list of number`, `"a" or "b"`. */
export function describeType(type: ExpressionType, depth = 0): string {
  if (type.kind === "union") return type.members.map((member) => describeType(member, depth)).join(" or ");
  if (type.kind === "string" && type.values !== undefined) return describeValues(type.values);
  if (type.kind === "double") return type.integral ? "integer" : "number";
  if (type.kind === "list" && depth < MAX_DESCRIBED_DEPTH) return `list of ${describeType(type.element(), depth + 1)}`;
  return describedKinds.get(type.kind) ?? type.kind;
}

const describedKinds: ReadonlyMap<string, string> = new Map([
  ["dyn", "anything"],
  ["never", "anything"],
  ["map", "object"],
]);

function addMember(type: ExpressionType, added: ExpressionType): ExpressionType {
  const present = members(type);
  for (const [index, member] of present.entries()) {
    const merged = merge(member, added);
    if (merged !== undefined) return union(present.with(index, merged));
  }
  return union([...present, added]);
}

function union(types: readonly ExpressionType[]): ExpressionType {
  const [first, second, ...others] = types;
  if (first === undefined || others.length > 0) return { kind: "union", members: types };
  return second === undefined ? first : unionOf(first, second);
}

/** The union of the same two is the very same: whoever has read it, as the output of a tool or null, need not do so for every step. */
function unionOf(first: ExpressionType, second: ExpressionType): ExpressionType {
  return UNIONS.get(first, second, () => ({ kind: "union", members: [first, second] }));
}

const UNIONS = new KnownPairs<ExpressionType, ExpressionType, ExpressionType>();

/** The common type of two that are not unions, where one kind covers both. */
function merge(left: ExpressionType, right: ExpressionType): ExpressionType | undefined {
  if (left.kind === "string" && right.kind === "string") return mergeStrings(left.values, right.values);
  if (left.kind === "list" && right.kind === "list") return listOf(lazily(() => join(left.element(), right.element())));
  if (left.kind === "map" && right.kind === "map") return mergeMaps(left, right);
  const number = mergeNumbers(left, right);
  return number ?? (left.kind === right.kind ? left : undefined);
}

function mergeNumbers(left: ExpressionType, right: ExpressionType): ExpressionType | undefined {
  const integral = (type: ExpressionType) => type.kind === "int" || (type.kind === "double" && type.integral);
  const numeric = (type: ExpressionType) => type.kind === "int" || type.kind === "double";
  if (!numeric(left) || !numeric(right)) return undefined;
  if (left.kind === "int" && right.kind === "int") return INT;
  return integral(left) && integral(right) ? INTEGRAL : DOUBLE;
}

function mergeStrings(left?: readonly string[], right?: readonly string[]): ExpressionType {
  if (left === undefined || right === undefined) return STRING;
  return stringOf([...new Set([...left, ...right])]);
}

function mergeMaps(left: MapType, right: MapType): ExpressionType {
  const fields = new Map<string, Field>();
  for (const name of new Set([...left.fields.keys(), ...right.fields.keys()])) {
    const [a, b] = [left.fields.get(name), right.fields.get(name)];
    const type = lazily(() => join((a?.type ?? left.rest ?? never)(), (b?.type ?? right.rest ?? never)()));
    fields.set(name, { type, required: a?.required === true && b?.required === true });
  }
  const { rest } =
    left.rest && right.rest ? { rest: joined(left.rest, right.rest) } : { rest: left.rest ?? right.rest };
  return { kind: "map", fields, closed: left.closed && right.closed, ...(rest === undefined ? {} : { rest }) };
}

const never: Lazy = () => NEVER;

function joined(left: Lazy, right: Lazy): Lazy {
  return lazily(() => join(left(), right()));
}

/** Computes once. */
export function lazily(compute: Lazy): Lazy {
  let type: ExpressionType | undefined;
  return () => (type ??= compute());
}

function describeValues(values: readonly string[]): string {
  const shown = 4;
  const texts = values.slice(0, shown).map((value) => JSON.stringify(value));
  return values.length > shown ? `${texts.join(" or ")} or …` : texts.join(" or ");
}
