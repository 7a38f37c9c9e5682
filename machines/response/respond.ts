import { isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import type { ToldSentence } from "#events/plan-facts.ts";
import type { Blobs } from "#machines/blobs.ts";
import { evaluate, type Evaluated } from "#machines/evaluate.ts";
import { splitTemplate } from "#machines/expressions/template-text.ts";
import { answerForms } from "#machines/response/answer-forms.ts";
import { defaultSentences } from "#machines/response/default-text.ts";
import { endingVariables, stepsOfVariable, type PlanEnding } from "#machines/response/plan-ending.ts";
import { sentencesOf } from "#machines/response/sentences.ts";
import { joinedSentences, referencesIn, toldSentences, type Piece } from "#machines/response/told-text.ts";
import type { Scope } from "#machines/scope.ts";
import { draftedOf, type PlanView } from "#machines/state.ts";

// The response of a plan, however it ended, and where it is text, the steps that each sentence stands on. Pure: it is decided once, with
// the end of the plan, and recorded.
//
// R1. A response of success is whole: what has no value fails the plan, as it does for outputs.
// R2. Any other is made of what there is: a sentence of a text, or an entry of a mapping or list, that reads what is not there is left
//     out. Where nothing is left, and where the plan says nothing, the default text answers.

export interface Response {
  readonly response: Json;
  /** Of a text. */
  readonly provenance?: ToldSentence[];
}

interface At {
  readonly state: PlanView;
  readonly scope: Scope;
  readonly blobs: Blobs;
}

type NeedsBlobs = Extract<Evaluated, { kind: "needs-blobs" }>;

/** UTF-16 units of a response that is made of sentences: those beyond are left out. */
const MAX_PARTIAL_CHARS = 65_536;

/** Undefined where the plan says nothing for its success. */
export function respondDone(at: At): Evaluated<Response | undefined> {
  const { $done: source } = answerForms(draftedOf(at.state).definition.respond);
  if (source === undefined) return { kind: "value", value: undefined };
  const whole = evaluate(at.state, { scope: at.scope, key: "respond", source }, at.blobs);
  if (whole.kind !== "value") return whole;
  const { value: response } = whole;
  if (typeof response !== "string") return { kind: "value", value: { response } };
  const pieces = piecesOf(source, response, new Told(at, "respond"));
  return { kind: "value", value: { response, provenance: toldSentences(at.state, pieces) } };
}

/** The response of a plan that did not succeed: there always is one. */
export function respondOtherwise(ending: PlanEnding, at: At): Response | NeedsBlobs {
  const { $partial, $failed } = answerForms(draftedOf(at.state).definition.respond);
  const [word, source] = ending.done.length > 0 ? ["$partial", $partial] : ["$failed", $failed];
  const written = source === undefined ? undefined : writtenAnswer(source, new Told(at, `respond.${word}`, ending));
  if (written !== undefined) return written;
  const { text, sentences } = joinedSentences(defaultSentences(ending));
  return { response: text, provenance: sentences };
}

/** R2; undefined where nothing is left. */
function writtenAnswer(source: Json, told: Told): Response | NeedsBlobs | undefined {
  if (typeof source === "string") return writtenText(source, told);
  if (source === null || typeof source !== "object") return { response: source };
  const entries = Object.entries(source).map(([name, value]) => [name, told.value(value, `.${name}`)] as const);
  const refs = entries.flatMap(([, value]) => (value.kind === "needs-blobs" ? value.refs : []));
  if (refs.length > 0) return { kind: "needs-blobs", refs };
  const there = entries.flatMap(([name, value]) => (value.kind === "value" ? [[name, value.value] as const] : []));
  if (there.length === 0) return undefined;
  return { response: isJsonObject(source) ? Object.fromEntries(there) : there.map(([, value]) => value) };
}

function writtenText(source: string, told: Told): Response | NeedsBlobs | undefined {
  const parts = partsOf(source);
  const [only] = parts;
  if (parts.length === 1 && only?.kind === "expression") return writtenValue(source, told);
  const sentences = writtenSentences(parts).map((sentence) => sentence.map((part) => told.piece(part)));
  const refs = sentences.flat().flatMap((piece) => ("kind" in piece && piece.kind === "needs-blobs" ? piece.refs : []));
  if (refs.length > 0) return { kind: "needs-blobs", refs };
  const kept: (readonly Piece[])[] = [];
  let chars = 0;
  for (const sentence of sentences) {
    const pieces = sentence.filter((piece) => "text" in piece);
    const length = pieces.reduce((sum, { text }) => sum + text.length, 0);
    if (pieces.length < sentence.length || chars + length > MAX_PARTIAL_CHARS) continue;
    kept.push(pieces);
    chars += length;
  }
  const response = textOf(kept);
  return response.trim() === "" ? undefined : { response, provenance: toldSentences(told.state, kept) };
}

/** A text that is nothing but an expression has its value, whatever that is. */
function writtenValue(source: string, told: Told): Response | NeedsBlobs | undefined {
  const result = told.value(source, "");
  if (result.kind === "error") return undefined;
  if (result.kind === "needs-blobs") return result;
  const { value } = result;
  if (typeof value !== "string") return { response: value };
  if (value.trim() === "" || value.length > MAX_PARTIAL_CHARS) return undefined;
  return { response: value, provenance: toldSentences(told.state, [[{ text: value, steps: told.steps(source) }]]) };
}

type Part = Extract<ReturnType<typeof splitTemplate>, { ok: true }>["parts"][number];

function partsOf(source: string): readonly Part[] {
  const split = splitTemplate(source);
  return split.ok ? split.parts : [];
}

/** Of a whole response: its pieces by the parts of its template; where those do not make it up, it is one piece. */
function piecesOf(source: Json, response: string, told: Told): readonly (readonly Piece[])[] {
  const parts = typeof source === "string" ? partsOf(source) : [];
  const sentences = parts.length < 2 ? [] : writtenSentences(parts);
  const pieces = sentences.map((sentence) =>
    sentence.map((part) => told.piece(part)).filter((piece) => "text" in piece),
  );
  return textOf(pieces) === response ? pieces : [[{ text: response, steps: told.steps(source) }]];
}

function textOf(sentences: readonly (readonly Piece[])[]): string {
  return sentences.flatMap((pieces) => pieces.map(({ text }) => text)).join("");
}

/** Stands for an expression where sentences of a template are looked for: no letter, no end. */
const EXPRESSION = "\uFFFC";

/** The parts by the sentences that they are written in. */
function writtenSentences(parts: readonly Part[]): readonly (readonly Part[])[] {
  const skeleton = parts.map((part) => (part.kind === "text" ? part.text : EXPRESSION)).join("");
  return sentencesOf(skeleton).map(({ from, to }) => {
    let at = 0;
    return parts.flatMap((part): readonly Part[] => {
      const start = at;
      at += part.kind === "text" ? part.text.length : EXPRESSION.length;
      if (at <= from || start >= to) return [];
      if (part.kind === "expression") return [part];
      return [{ kind: "text", text: part.text.slice(Math.max(0, from - start), to - start) }];
    });
  });
}

/** The templates of one response, evaluated part by part. */
class Told {
  readonly state: PlanView;
  readonly #at: At;
  readonly #key: string;
  readonly #ending: PlanEnding | undefined;
  readonly #variables: JsonObject;

  constructor(at: At, key: string, ending?: PlanEnding) {
    this.state = at.state;
    this.#at = at;
    this.#key = key;
    this.#ending = ending;
    this.#variables = ending === undefined ? {} : endingVariables(ending);
  }

  value(source: Json, name: string): Evaluated {
    const { state, scope, blobs } = this.#at;
    return evaluate(state, { scope, key: `${this.#key}${name}`, source, variables: this.#variables }, blobs);
  }

  /** Its text, or why there is none. */
  piece(part: Part): Piece | Exclude<Evaluated, { kind: "value" }> {
    if (part.kind === "text") return { text: part.text, steps: [] };
    // Beside other text an expression has the text of its value.
    const source = ` \${${part.text}}`;
    const result = this.value(source, `@${part.text}`);
    if (result.kind !== "value") return result;
    const text = typeof result.value === "string" ? result.value.slice(1) : "";
    return { text, steps: this.steps(source) };
  }

  steps(source: Json): readonly string[] {
    const { steps, variables } = referencesIn(source);
    const ending = this.#ending;
    return [...steps, ...(ending === undefined ? [] : variables.flatMap((name) => stepsOfVariable(ending, name)))];
  }
}
