import { SMALL_WORDS } from "#src/planning/analysis/small-words.ts";
import { actionOf, type Action } from "#src/planning/analysis/verbs.ts";
import { PAUSE, stemsOf } from "#src/planning/prediction/stems.ts";

// Words of descriptions and requests as terms that meet: "reservation" and "reserve" begin alike, "log in" is the "login" of a name.
// Small words and what any description of a tool says are none.

const ROOT_LETTERS = 6;
const LEAST_JOINED = 3;

/** What any description of a tool says. */
const OF_TOOLS = ["tool", "id", "api", "number", "name", "information", "user", "users"];
const SMALL: ReadonlySet<string> = new Set(stemsOf([...SMALL_WORDS, ...OF_TOOLS].join(" ")));

/** The terms of a text; two neighbours that begin one of the compounds are that one too. */
export function termsOf(text: string, compounds: ReadonlySet<string>): readonly string[] {
  const stems = stemsOf(text).filter((stem) => stem !== PAUSE && !stem.startsWith("#"));
  const single = stems.filter((stem) => !SMALL.has(stem));
  return [...single, ...joinedIn(stems, compounds)].map((term) => term.slice(0, ROOT_LETTERS));
}

function joinedIn(stems: readonly string[], compounds: ReadonlySet<string>): readonly string[] {
  return stems.flatMap((stem, index) => {
    const next = stems[index + 1] ?? "";
    if (stem.length < LEAST_JOINED) return [];
    const joined = Array.from(next, (_letter, at) => stem + next.slice(0, at + 1)).slice(1);
    return joined.filter((one) => compounds.has(one));
  });
}

const NOUN_OF_VERB = /^(.{3,}?)(?:ication|ation|ition|ction|ment|ion|er|or|al)$/;

/** What a word of a tool's name says that the tool does; also as a noun: "cancellation". */
export function actionNamed(word: string): Action | undefined {
  const root = NOUN_OF_VERB.exec(word)?.[1];
  const verbs = root === undefined ? [] : [root, `${root}e`, `${root}y`, root.replace(/(.)\1$/, "$1"), `${root}ate`];
  return [word, ...verbs].flatMap((verb) => actionOf(verb) ?? [])[0];
}
