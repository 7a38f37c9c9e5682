import { historyOf, MAX_CHAIN } from "#src/planning/prediction/history.ts";
import { addPackedScores, type PackedWeights } from "#src/planning/prediction/packed-weights.ts";
import { softmax } from "#src/planning/prediction/weights.ts";

// How probable a chain of tools is for a request: the product of each tool's probability after those before it, of which one is
// the end. A maximum-entropy Markov model (McCallum, Freitag & Pereira, 2000) of order two that also sees what was used at all.
//
// C1. What the request's words say is computed once for a request, whatever the number of chains that are looked at.
// C2. What comes after the same tools is computed once: a chooser remembers it, for one request.

export class ChainChooser {
  private readonly words: Float32Array;
  private readonly history: PackedWeights;
  private readonly known = new Map<string, Float32Array>();

  /** `words`: what they say of every tool and of the end; `history`: what came before says of them. */
  constructor(words: Float32Array, history: PackedWeights) {
    this.words = words;
    this.history = history;
  }

  /** The natural logarithm of a chain's probability. */
  logProbability(chain: readonly number[]): number {
    let sum = 0;
    for (let length = 0; length <= chain.length; length += 1)
      sum += Math.log(this.next(chain.slice(0, length))[chain[length] ?? this.tools] ?? 0);
    return sum;
  }

  /** The most probable chains that a beam search finds, best first; none of them is empty. */
  probable(most: number): readonly (readonly number[])[] {
    const ended: Path[] = [];
    let open: readonly Path[] = [{ chain: [], log: 0 }];
    for (let length = 0; length <= MAX_CHAIN && open.length > 0; length += 1) {
      const longer: Path[] = [];
      for (const { chain, log } of open)
        for (const { tool, log: own } of choicesOf(this.next(chain)))
          if (tool < this.tools) longer.push({ chain: [...chain, tool], log: log + own });
          else if (length > 0) ended.push({ chain, log: log + own });
      open = length < MAX_CHAIN ? longer.sort(byLog).slice(0, BEAM) : [];
    }
    return ended
      .sort(byLog)
      .slice(0, most)
      .map(({ chain }) => chain);
  }

  private get tools(): number {
    return this.words.length - 1;
  }

  private next(before: readonly number[]): Float32Array {
    const key = before.join();
    const known = this.known.get(key);
    if (known) return known;
    const scores = Float32Array.from(this.words);
    addPackedScores(this.history, historyOf(this.tools, before), scores);
    softmax(scores);
    this.known.set(key, scores);
    return scores;
  }
}

const BEAM = 12;
const LEAST_NEXT = 1e-3;

interface Choice {
  readonly tool: number;
  /** The natural logarithm of its probability. */
  readonly log: number;
}

function choicesOf(next: Float32Array): readonly Choice[] {
  const choices: Choice[] = [];
  for (let tool = 0; tool < next.length; tool += 1) {
    const probability = next[tool] ?? 0;
    if (probability >= LEAST_NEXT) choices.push({ tool, log: Math.log(probability) });
  }
  return choices;
}

interface Path {
  readonly chain: readonly number[];
  readonly log: number;
}

function byLog(one: Path, other: Path): number {
  return other.log - one.log;
}
