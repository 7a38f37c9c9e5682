import type { JsonObject } from "#events/json.ts";
import type { BareValue } from "#src/planning/analysis/value.ts";
import { wordsOf } from "#src/planning/analysis/words.ts";

// Values that a parameter of some tool may have (its enumeration), where the request says one in so many words. Which tool is
// meant is not known yet: of tools that share an option the first one is named, and the words count for all.

/** A parameter that may be one of some values. */
export interface Choice {
  readonly tool: string;
  readonly parameter: string;
  readonly options: readonly JsonObject[string][];
}

const LEAST_CHARS = 2;
const MAX_OPTION_WORDS = 6;

export function optionsIn(text: string, choices: readonly Choice[]): readonly BareValue[] {
  const options = new Map(
    choices.flatMap((choice) => choice.options.flatMap((value) => asSpoken(choice, value) ?? [])),
  );
  if (options.size === 0) return [];
  const words = wordsOf(text);
  return words.flatMap(({ from }, index) =>
    words.slice(index, index + MAX_OPTION_WORDS).flatMap(({ to }): readonly BareValue[] => {
      const said = text.slice(from, to);
      const option = options.get(spoken(said));
      return option === undefined ? [] : [{ kind: "option", ...option, from, to, words: said }];
    }),
  );
}

interface Option extends Omit<Choice, "options"> {
  readonly value: JsonObject[string];
}

function asSpoken(
  { tool, parameter }: Choice,
  value: JsonObject[string],
): readonly (readonly [string, Option])[] | undefined {
  const said = typeof value === "string" && value.length >= LEAST_CHARS ? spoken(value) : "";
  return said === "" ? undefined : [[said, { tool, parameter, value }]];
}

/** "best-rated", "BEST_RATED" and "best rated" are the same words. */
function spoken(value: string): string {
  return value
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "")
    .join(" ");
}
