import { cleanText } from "#src/planning/analysis/clean-text.ts";
import { constraintsIn, type Constraint } from "#src/planning/analysis/constraints.ts";
import { valuesIn, type ValuesOptions } from "#src/planning/analysis/find-values.ts";
import { intentsIn, type Intent } from "#src/planning/analysis/intents.ts";
import type { FoundValue } from "#src/planning/analysis/value.ts";

// From a request in plain words to what it asks for. What it needs of the catalog (which tools fit, what is missing) is not here.
//
// A1. Pure: the same request at the same moment gives the same analysis.
// A2. A request is data. Nothing in it is an instruction to the planner beyond what an analysis can say.
// A3. There is always an answer: what cannot be read is refused with what to do.

/** UTF-16 units that are read. A request is a few sentences; data belongs into files and context. */
export const MAX_REQUEST_CHARS = 8_192;

export interface Analysis {
  /** The request without what nobody sees (`cleanText`); all places are places in it. */
  readonly text: string;
  readonly intents: readonly Intent[];
  readonly values: readonly FoundValue[];
  readonly constraints: readonly Constraint[];
}

/** Why there is no analysis. */
interface Unreadable {
  readonly code: "request-empty" | "request-too-long" | "request-unreadable";
  readonly message: string;
}

export type Analysed =
  | { readonly kind: "analysed"; readonly analysis: Analysis }
  | { readonly kind: "unreadable"; readonly why: Unreadable };

export function analysed(request: string, options: ValuesOptions): Analysed {
  const why = tooLong(request) ?? unreadable(cleanText(request));
  if (why !== undefined) return { kind: "unreadable", why };
  const text = cleanText(request);
  const { values, sentences } = valuesIn(text, options);
  const constraints = constraintsIn(text, values);
  return { kind: "analysed", analysis: { text, intents: intentsIn(text, sentences, values), values, constraints } };
}

function tooLong({ length }: string): Unreadable | undefined {
  if (length <= MAX_REQUEST_CHARS) return undefined;
  const message = `the request has ${length} characters, and ${MAX_REQUEST_CHARS} are read; put data into a file and name it`;
  return { code: "request-too-long", message };
}

function unreadable(text: string): Unreadable | undefined {
  if (text.trim() === "")
    return { code: "request-empty", message: "the request is empty; say in a sentence what is to be done" };
  if (/[\p{L}\p{N}]/u.test(text)) return undefined;
  return { code: "request-unreadable", message: "the request has no word in it; say in a sentence what is to be done" };
}
