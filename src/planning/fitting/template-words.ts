import type { Analysis } from "#src/planning/analysis/analyse.ts";
import { SMALL_WORDS } from "#src/planning/analysis/small-words.ts";
import { actionOf } from "#src/planning/analysis/verbs.ts";
import { wordsOf } from "#src/planning/analysis/words.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";
import { stemsOf } from "#src/planning/prediction/stems.ts";
import type { WholeTemplate } from "#src/templates/template.ts";

// What templates and requests are about, as stems of their words; and how near one is to the other by words that tell templates apart.
// Verbs that ask are no such words: they are held against each other by what they ask for.

/** Words by how rarely they stand in templates. */
export class WordWeights {
  readonly #counts = new Map<string, number>();
  readonly #templates: number;

  constructor(templates: readonly WholeTemplate[]) {
    this.#templates = templates.length;
    for (const template of templates) {
      const own = new Set([...textWords(template), ...template.requests.flatMap((one) => [...exampleWords(one)])]);
      for (const word of own) this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
    }
  }

  /** Of all words in one text, how much the other one has: the harmonic mean of both ways. 0 to 1. */
  likeness(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
    const shared = this.#sum([...one].filter((word) => other.has(word)));
    const both = this.#sum(one) + this.#sum(other);
    return both === 0 ? 0 : (2 * shared) / both;
  }

  /** Of what the request says, how much stands in the text. 0 to 1. */
  covered(request: ReadonlySet<string>, text: ReadonlySet<string>): number {
    const all = this.#sum(request);
    return all === 0 ? 0 : this.#sum([...request].filter((word) => text.has(word))) / all;
  }

  #sum(words: Iterable<string>): number {
    let sum = 0;
    for (const word of words) sum += Math.log(1 + (this.#templates + 1) / ((this.#counts.get(word) ?? 0) + 1));
    return sum;
  }
}

/** Without the values that were found in it, and without the verbs that ask: they are held against a template's own verbs. */
export function requestWords({ text, values, intents }: Analysis): ReadonlySet<string> {
  const free = wordsOf(text).filter((word) => !values.some(({ from, to }) => from <= word.from && word.to <= to));
  const verbs = new Set(intents.map(({ verb }) => verb.toLowerCase()));
  return tellingStems(free.flatMap(({ words }) => (verbs.has(words.toLowerCase()) ? [] : [words])).join(" "));
}

/** Of its name, title and description. */
export function textWords({ name, title = "", description = "" }: WholeTemplate): ReadonlySet<string> {
  return tellingStems(`${nameWords(name).join(" ")} ${title} ${description}`);
}

/** Without the places of parameters, and without the verb that it begins with. */
export function exampleWords(request: string): ReadonlySet<string> {
  const [first = "", ...others] = request.replaceAll(SLOT, " ").trim().split(/\s+/);
  return tellingStems([...(actionOf(first.toLowerCase()) === undefined ? [first] : []), ...others].join(" "));
}

/** Where an example says that a parameter stands. */
export const SLOT = /\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

const SMALL: ReadonlySet<string> = new Set(SMALL_WORDS);

function tellingStems(text: string): ReadonlySet<string> {
  const telling = wordsOf(text.toLowerCase()).filter(({ words }) => !SMALL.has(words));
  return new Set(telling.flatMap(({ words }) => stemsOf(words)));
}
