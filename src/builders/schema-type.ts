import type { JsonObject } from "#events/json.ts";
import type { SecretReference } from "#src/ports/secrets.ts";

// Types only: the type of the values that a JSON Schema describes, as far as inputs use it (docs/plan-language.md). What
// has no type of its own in the compiler (a pattern, a range) is left to the check of the inputs.

/** Inputs as a plan declares them: a JSON Schema each, with `default`, `description` and `secret` beside it. */
export type InputSchemas = Readonly<Record<string, JsonObject>>;

/** What is read of the inputs: all of them are there when the plan runs. */
export type InputTypes<I> = { readonly [K in keyof I]: TypeOf<I[K]> };

/** What is given for the inputs: one with a default may be left out. */
export type GivenInputs<I> = {
  readonly [K in keyof I as I[K] extends { readonly default: unknown } ? never : K]: TypeOf<I[K]>;
} & { readonly [K in keyof I as I[K] extends { readonly default: unknown } ? K : never]?: TypeOf<I[K]> };

type TypeOf<S> = S extends { readonly secret: true }
  ? SecretReference
  : S extends { readonly const: infer C }
    ? C
    : S extends { readonly enum: readonly (infer E)[] }
      ? E
      : S extends { readonly anyOf: readonly (infer One)[] } | { readonly oneOf: readonly (infer One)[] }
        ? One extends unknown
          ? TypeOf<One>
          : never
        : S extends { readonly type: infer Name }
          ? Named<Name extends readonly (infer One)[] ? One : Name, S>
          : unknown;

type Named<Name, S> = Name extends "string"
  ? string
  : Name extends "number" | "integer"
    ? number
    : Name extends "boolean"
      ? boolean
      : Name extends "null"
        ? null
        : Name extends "array"
          ? ItemOf<S>[]
          : Name extends "object"
            ? ObjectOf<S>
            : unknown;

type ItemOf<S> = S extends { readonly items: infer Item } ? TypeOf<Item> : unknown;

type ObjectOf<S> = S extends { readonly properties: infer P }
  ? { readonly [K in keyof P as K extends Required<S> ? K : never]: TypeOf<P[K]> } & {
      readonly [K in keyof P as K extends Required<S> ? never : K]?: TypeOf<P[K]>;
    }
  : S extends { readonly additionalProperties: infer Rest extends object }
    ? { readonly [name: string]: TypeOf<Rest> }
    : { readonly [name: string]: unknown };

type Required<S> = S extends { readonly required: readonly (infer Name)[] } ? Name : never;
