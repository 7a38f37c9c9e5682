import type { StepDefinition } from "#events/definition.ts";
import { MAX_SENTENCES, MAX_STEPS_NAMED, type ToldSentence } from "#events/plan-facts.ts";
import type { PlanView } from "#machines/state.ts";
import { draftedOf } from "#machines/state.ts";
import type { Json } from "#events/json.ts";
import { compileTemplate } from "#machines/expressions/template.ts";
import type { References } from "#machines/expressions/expression-tree.ts";
import { sentencesOf } from "#machines/response/sentences.ts";

// A text with what it stands on: pieces that each name the steps they come from become sentences that do.
//
// V1. Only steps of the plan are named, each once, MAX_STEPS_NAMED for a sentence at most.
// V2. What only puts into other words what other steps gave (a value, a model, a combination) passes on what it was given: a sentence
//     of it names it and them.

export interface Piece {
  readonly text: string;
  readonly steps: readonly string[];
}

/** `written`: the pieces by the sentences that they were written in; a value may bring more of them. */
export function toldSentences(state: PlanView, written: readonly (readonly Piece[])[]): ToldSentence[] {
  const told: ToldSentence[] = [];
  let start = 0;
  for (const pieces of written) {
    const places = placed(pieces);
    const text = pieces.map((piece) => piece.text).join("");
    for (const { from, to } of sentencesOf(text)) {
      const within = places.filter((piece) => piece.from < to && from < piece.to && hasText(piece, { from, to }));
      const steps = standing(state, new Set(within.flatMap((piece) => piece.steps)));
      told.push({ from: start + from, to: start + to, steps });
    }
    start += text.length;
  }
  return bounded(told);
}

/** The last sentence there may be takes in all that follow. */
function bounded(told: readonly ToldSentence[]): ToldSentence[] {
  const kept = told.slice(0, MAX_SENTENCES - 1);
  const rest = told.slice(MAX_SENTENCES - 1);
  const [first] = rest;
  if (first === undefined) return kept;
  const steps = [...new Set(rest.flatMap((sentence) => sentence.steps))].slice(0, MAX_STEPS_NAMED);
  return [...kept, { from: first.from, to: rest.at(-1)?.to ?? first.to, steps }];
}

/** Sentences that are known as such, with a space between them. */
export function joinedSentences(parts: readonly Piece[]): {
  readonly text: string;
  readonly sentences: ToldSentence[];
} {
  const sentences: ToldSentence[] = [];
  let text = "";
  for (const { text: said, steps } of parts.slice(0, MAX_SENTENCES)) {
    const from = text.length;
    text += sentences.length + 1 === parts.length ? said : `${said} `;
    sentences.push({ from, to: text.length, steps: steps.slice(0, MAX_STEPS_NAMED) });
  }
  return { text, sentences };
}

/** What a template reads of steps and variables; nothing where it is none. */
export function referencesIn(template: Json): Pick<References, "steps" | "variables"> {
  const compiled = compileTemplate(template);
  return compiled.ok ? compiled.template.references : { steps: [], variables: [] };
}

interface PlacedPiece extends Piece {
  readonly from: number;
  readonly to: number;
}

function placed(pieces: readonly Piece[]): readonly PlacedPiece[] {
  let at = 0;
  return pieces.map((piece) => {
    const from = at;
    at += piece.text.length;
    return { ...piece, from, to: at };
  });
}

/** Whether something of the piece that is no space lies in the range. */
function hasText(piece: PlacedPiece, { from, to }: { readonly from: number; readonly to: number }): boolean {
  const start = Math.max(0, from - piece.from);
  return piece.text.slice(start, to - piece.from).trim() !== "";
}

/** V2. */
function standing(state: PlanView, ids: ReadonlySet<string>): string[] {
  const { block } = draftedOf(state);
  const named = new Set<string>();
  const open = [...ids];
  for (let id = open.shift(); id !== undefined && named.size < MAX_STEPS_NAMED; id = open.shift()) {
    const index = block.graph.indexOf.get(id);
    if (index === undefined || named.has(id)) continue;
    named.add(id);
    open.push(...passedOn(block.steps[index]));
  }
  return [...named];
}

function passedOn(step: StepDefinition | undefined): readonly string[] {
  if (step?.kind === "value") return referencesIn(step.value).steps;
  if (step?.kind !== "tool" || !PASSING_ON.test(step.call.tool)) return [];
  return referencesIn(step.call.with ?? {}).steps;
}

/** Built-in tools whose output says in other words what they were given. */
const PASSING_ON = /^(?:model|outputs)\./;
