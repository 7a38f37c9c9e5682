import type { Json } from "#events/json.ts";
import { violationsOf } from "#machines/expressions/json-schema-check.ts";
import type { Analysis } from "#src/planning/analysis/analyse.ts";
import { asArgument } from "#src/planning/binding/as-argument.ts";
import { spansOf, type Span } from "#src/planning/binding/spans.ts";
import type { MeantField } from "#src/planning/catalog/entry.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";
import { templateEntry } from "#src/planning/fitting/template-entry.ts";
import { SLOT } from "#src/planning/fitting/template-words.ts";
import type { WholeTemplate } from "#src/templates/template.ts";

// Which words of a request are which parameters of a template: by the words around them, as in the template's examples, by the name of the
// parameter, and by what kind of value it takes.
//
// P1. Only what fits the parameter's schema is bound, each word of the request to one parameter at most.
// P2. A parameter with a default is bound only where something says that it is meant. A secret is never bound from words.
// P3. Deterministic: the strongest evidence first, then the order of the parameters and of the request.

interface SaidParameter {
  readonly parameter: string;
  readonly value: Json;
  /** The words of the request, and where they stand. */
  readonly words: string;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

export interface BoundParameters {
  readonly said: readonly SaidParameter[];
  /** What is neither said nor has a default, in the order of the template. */
  readonly missing: readonly string[];
}

interface Candidate extends SaidParameter {
  readonly strength: number;
}

export function saidParameters(template: WholeTemplate, analysis: Analysis): BoundParameters {
  const spans = spansOf(analysis);
  const slots = slotsOf(template.requests);
  const fields = templateEntry(template).parameters.filter(({ path }) => path.length === 1);
  const candidates = fields.flatMap((field) =>
    spans.flatMap((span) => candidateOf({ template, field, slots }, span) ?? []),
  );
  const said: SaidParameter[] = [];
  for (const { strength: _, ...one } of candidates.toSorted((a, b) => b.strength - a.strength)) {
    const isTaken = said.some(
      ({ parameter, from, to }) => parameter === one.parameter || (from < one.to && one.from < to),
    );
    if (!isTaken) said.push(one);
  }
  const bound = new Set(said.map(({ parameter }) => parameter));
  const missing = Object.entries(template.parameters).filter(
    ([name, { default: preset }]) => preset === undefined && !bound.has(name),
  );
  return { said, missing: missing.map(([name]) => name) };
}

interface ExampleSlot {
  readonly parameter: string;
  /** The words right before and after it, in lower case; empty at an end. */
  readonly left: string;
  readonly right: string;
}

function slotsOf(requests: readonly string[]): readonly ExampleSlot[] {
  return requests.flatMap((request) =>
    Array.from(request.matchAll(SLOT), ({ 0: slot, 1: parameter = "", index }): ExampleSlot => {
      const left = /([\p{L}\p{N}]+)\W*$/u.exec(request.slice(0, index))?.[1]?.toLowerCase() ?? "";
      const right = /^\W*([\p{L}\p{N}]+)/u.exec(request.slice(index + slot.length))?.[1]?.toLowerCase() ?? "";
      return { parameter, left, right };
    }),
  );
}

interface Wanted {
  readonly template: WholeTemplate;
  readonly field: MeantField;
  readonly slots: readonly ExampleSlot[];
}

function candidateOf({ template, field, slots }: Wanted, span: Span): Candidate | undefined {
  const parameter = field.path[0] ?? "";
  const definition = template.parameters[parameter];
  const value = asArgument(span, field);
  if (definition === undefined || value === undefined || violationsOf(definition.schema, value).length > 0)
    return undefined;
  const evidence = evidenceFor(span, field, slots);
  if (evidence.strength < (field.isRequired && span.kind !== "phrase" ? WEAK : STRONG)) return undefined;
  const { words, from, to } = span;
  return { parameter, value, words, from, to, ...evidence };
}

/** What a value of the right kind is worth alone, and what is wanted of words that are no value. */
const WEAK = 1;
const STRONG = 2;

const WORTH = { before: 3, after: 1.5, named: 2, option: 2, value: 1, whole: 0.5 } as const;

function evidenceFor(
  span: Span,
  field: MeantField,
  slots: readonly ExampleSlot[],
): Pick<Candidate, "strength" | "reason"> {
  const own = slots.filter(({ parameter }) => parameter === field.path[0]);
  const names = new Set(nameWords(field.path[0] ?? ""));
  const label = [span.left, ...(span.found?.label.split(" ") ?? [])];
  const found = {
    before: own.some(({ left }) => left !== "" && left === span.left),
    named: label.some((word) => names.has(word)),
    option: field.options !== undefined,
    after: own.some(({ right }) => right !== "" && right === span.right),
    value: span.found !== undefined,
    whole: span.isWhole,
  };
  let strength = 0;
  const reasons: string[] = [];
  for (const kind of ["before", "named", "option", "after", "value", "whole"] as const) {
    if (!found[kind]) continue;
    strength += WORTH[kind];
    reasons.push(REASONS[kind](span));
  }
  return { strength, reason: reasons[0] ?? "" };
}

const REASONS: { readonly [K in keyof typeof WORTH]: (span: Span) => string } = {
  before: ({ left }) => `behind “${left}”, as in an example`,
  named: () => "named by the words before it",
  option: () => "one of its options",
  after: ({ right }) => `before “${right}”, as in an example`,
  value: ({ kind }) => `a ${kind} of the request`,
  whole: () => "words that stand alone",
};
