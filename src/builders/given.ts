import type { Template } from "./template.ts";

// Types only: what may be written where a value of a type is wanted, and what comes of what was written. Lists that come of
// something are not readonly, because those that tools want are not.

/** Anything, with templates anywhere in it. */
export type Anything =
  string | number | boolean | null | Template<unknown> | readonly Anything[] | { readonly [name: string]: Anything };

/** A value of the type, or a template for it or for any part of it. */
export type Given<T> = unknown extends T ? Anything : Template<T> | Parts<T>;

/** Arguments by their names. */
export type Arguments<A> = { readonly [K in keyof A]: Given<A[K]> };

type Parts<T> =
  T extends Template<unknown>
    ? T
    : T extends readonly (infer Item)[]
      ? readonly Given<Item>[]
      : T extends object
        ? { readonly [K in keyof T]: Given<T[K]> }
        : T;

/** What a template, or a value with templates in it, gives. A constant is one of many values of its type. */
export type Resolved<G> = Anything extends G ? unknown : Valued<G>;

type Valued<G> =
  G extends Template<infer T>
    ? T
    : G extends readonly unknown[]
      ? { -readonly [I in keyof G]: Resolved<G[I]> }
      : G extends object
        ? { readonly [K in keyof G]: Resolved<G[K]> }
        : G extends string
          ? string
          : G extends number
            ? number
            : G extends boolean
              ? boolean
              : G;
