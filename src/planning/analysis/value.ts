import type { JsonObject } from "#events/json.ts";

// What a request says, as the places where it says it.
//
// V1. Whatever is found names the words that led to it: whoever reads a plan can see why it has this argument.
// V2. Values of one request do not overlap: of two that do, the one that says more stands (`disjoint` in find-values.ts).

/** A place in the request: UTF-16 offsets, `to` exclusive. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** Something that stands in the request in so many words. */
export interface Said extends Span {
  readonly words: string;
}

/**
 * A value as tools take it. Dates are ISO 8601 of the asker's time zone: `2026-11-27`, `06:30`, `2026-11-27T06:30`; durations too: `PT2H`,
 * `P3D`. A name is a run of capitalized words, an identifier one word with digits in it, an option what some tool's parameter may be.
 */
type Value =
  | { readonly kind: "number"; readonly value: number; readonly unit?: string }
  | { readonly kind: "percent"; readonly value: number }
  | { readonly kind: "money"; readonly value: number; readonly currency: string }
  | { readonly kind: "duration"; readonly value: string }
  | { readonly kind: "date" | "time" | "date-time"; readonly value: string }
  | { readonly kind: "date-range"; readonly value: string; readonly end: string }
  | { readonly kind: "url" | "email" | "path" | "quoted" | "identifier" | "name"; readonly value: string }
  | { readonly kind: "option"; readonly value: JsonObject[string]; readonly tool: string; readonly parameter: string };

export type ValueKind = Value["kind"];

export type FoundValue = Value &
  Said & {
    /** The words right before it, in lower case, which often say what it is: "from", "ticket number". May be empty. */
    readonly label: string;
  };

/** As a finder gives it. */
export type BareValue = Value & Said;
