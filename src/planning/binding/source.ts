import type { Json } from "#events/json.ts";
import type { Said } from "#src/planning/analysis/value.ts";

// A plan before it is written: calls of tools, and where each of their arguments comes from; and plans of the past in the same form, which
// are what is learned from.

/** A field of what an earlier call gave; `path` is empty for all of it. */
export interface OutputSource {
  readonly kind: "output";
  /** Index of the call. */
  readonly call: number;
  readonly path: readonly string[];
}

export interface EarlierSource {
  readonly kind: "earlier";
  /** Id of that request's plan. */
  readonly plan: string;
  /** Into what it gave; an item of a list by its number. */
  readonly path: readonly string[];
  /** The words that mean it. */
  readonly said: Said;
}

export type Source =
  | OutputSource
  /** Words of the request, as the tool takes them. */
  | { readonly kind: "said"; readonly value: Json; readonly said: Said }
  /** What the tool's schema says for nobody who says otherwise, what calls of this tool always had, or what a language model says. */
  | { readonly kind: "default" | "habit" | "model"; readonly value: Json }
  /** Something that an earlier request of the conversation gave: the place, never what stands there. */
  | EarlierSource
  /** A text around outputs of earlier calls. */
  | { readonly kind: "text"; readonly parts: readonly (string | OutputSource)[] };

/** Indexes of the calls whose outputs it takes. */
export function callsIn(source: Source): readonly number[] {
  if (source.kind === "output") return [source.call];
  return source.kind === "text" ? source.parts.flatMap((part) => (typeof part === "string" ? [] : [part.call])) : [];
}

export interface Call {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, Source>>;
  /** Indexes of earlier calls that it waits for and takes nothing from. */
  readonly after?: readonly number[];
}

/** A request that a plan was made for, and the calls of that plan; an argument that is no output is a value. */
export interface PastPlan {
  readonly request: string;
  readonly calls: readonly PastCall[];
}

export type PastArgument = OutputSource | { readonly kind: "value"; readonly value: Json } | TextOfOutputs;

interface TextOfOutputs {
  readonly kind: "text";
  readonly parts: readonly (string | OutputSource)[];
}

export interface PastCall {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, PastArgument>>;
}
