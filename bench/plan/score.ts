import { chainScore } from "#src/planning/prediction/evaluation.ts";
import { f1, linksOf } from "#src/planning/prediction/expected-f1.ts";
import { quantile } from "../quantile.ts";
import type { Known } from "./requests.ts";

// How well predicted chains match the known ones. F1 is that of one request, averaged over all of them; of two chains without links
// it is one, of one without links and one with them zero.

export interface Answer {
  readonly known: Known;
  readonly chain: readonly string[];
  readonly ms: number;
}

export interface Score {
  readonly nodeF1: number;
  readonly linkF1: number;
  /** Share of the chains that are the known ones, tool by tool. */
  readonly exact: number;
  /** Tools that were answered and are not in the catalog. */
  readonly unknownTools: number;
  readonly msP50: number;
  readonly msP99: number;
}

/** The answers of a predictor to the requests, one after the other. */
export function answersTo(asked: readonly Known[], predict: (request: string) => readonly string[]): readonly Answer[] {
  return asked.map((known) => {
    const startedAt = performance.now();
    const chain = predict(known.request);
    return { known, chain, ms: performance.now() - startedAt };
  });
}

export function scoreOf(answers: readonly Answer[], catalog: ReadonlySet<string>): Score {
  const mean = (of: (answer: Answer) => number): number =>
    answers.reduce((sum, answer) => sum + of(answer), 0) / answers.length;
  const times = answers.map(({ ms }) => ms).sort((one, other) => one - other);
  const { nodeF1, exact } = chainScore(answers.map(({ known, chain }) => ({ known: known.chain, answer: chain })));
  return {
    nodeF1,
    linkF1: mean(({ known, chain }) => f1(new Set(linksOf(chain)), new Set(known.links.flatMap(linksOf)))),
    exact,
    unknownTools: answers.flatMap(({ chain }) => chain).filter((tool) => !catalog.has(tool)).length,
    msP50: quantile(times, 0.5) ?? NaN,
    msP99: quantile(times, 0.99) ?? NaN,
  };
}
