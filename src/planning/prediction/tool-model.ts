import type { ChainExample } from "#src/planning/prediction/chain-model.ts";
import { inEpochs } from "#src/planning/prediction/epochs.ts";
import type { SparseVector } from "#src/planning/prediction/vocabulary.ts";
import { addScores, learn, learnerOf, type Weights } from "#src/planning/prediction/weights.ts";

// How probable each tool is for a request, whatever the others are: a logistic regression for each (binary relevance). It is wrong
// about orders, of which it knows nothing, and right about tools where a model of chains went astray at the first one.

export interface ToolModel {
  readonly words: number;
  readonly weights: Weights;
}

const EPOCHS = { epochs: 8, rate: 0.5 };
const FIRST_SQUARE = 0.1;
/** A tool is not needed until something says so. */
const BIAS = -3;
const ALWAYS = 0.3;

export function trainedTools(
  examples: readonly ChainExample[],
  size: { readonly words: number; readonly tools: number },
): ToolModel {
  const learner = learnerOf(size.words + 1, size.tools, FIRST_SQUARE);
  const model = { words: size.words, weights: learner.weights };
  inEpochs(examples.length, EPOCHS, (index, rate) => {
    const example = examples[index];
    if (!example) return;
    const errors = toolProbabilities(model, example.vector);
    for (const tool of new Set(example.chain)) errors[tool] = (errors[tool] ?? 0) - 1;
    learn(learner, example.vector, { errors, rate });
    learn(learner, always(model), { errors, rate });
  });
  return model;
}

/** By tool, each in (0, 1). */
export function toolProbabilities(model: ToolModel, vector: SparseVector): Float32Array {
  const scores = new Float32Array(model.weights.columns).fill(BIAS);
  addScores(model.weights, always(model), scores);
  addScores(model.weights, vector, scores);
  return scores.map((score) => 1 / (1 + Math.exp(-score)));
}

function always({ words }: ToolModel): SparseVector {
  return { indexes: Int32Array.of(words), values: Float32Array.of(ALWAYS) };
}
