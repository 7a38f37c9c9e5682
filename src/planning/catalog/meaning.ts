import type { Field } from "#src/planning/catalog/fields.ts";
import { nameWords } from "#src/planning/catalog/name-words.ts";

// What a field means: the kind of thing that its value is, whichever tool has it.
//
// M1. What the schema says (`semantic`, then `format`) counts before what a name suggests.
// M2. By its name a field is its last word, and where that says little alone ("id", "name") the one before it as well: "originSkyId" is
//     the sky-id of an origin. So the output "skyId" of one tool can be the input "originSkyId" of another.

export interface Meaning {
  /** Words joined by `-`, in the singular: `sky-id`, `date`, `url`. More than one where a name offers a choice, the likeliest first. */
  readonly kinds: readonly string[];
  /** What tells it from others of its kind, e.g. `origin`. */
  readonly qualifiers: readonly string[];
  readonly source: "declared" | "format" | "name";
  /** Of name and description, without small words: what is left to go by where kinds differ. */
  readonly words: ReadonlySet<string>;
}

const FORMATS: Readonly<Record<string, string>> = {
  ...{ uri: "url", url: "url", "uri-reference": "url", iri: "url", email: "email", "idn-email": "email" },
  ...{ date: "date", "date-time": "date-time", time: "time", duration: "duration", uuid: "uuid" },
  ...{ ipv4: "ip-address", ipv6: "ip-address", hostname: "host" },
};
/** Last words that say little without the one before. */
const GENERIC: ReadonlySet<string> = new Set(
  "id ids code number no key name type value index ref token uid slug".split(" "),
);
/** Several words for one kind. */
const SAME: Readonly<Record<string, string>> = {
  ...{
    uri: "url",
    link: "url",
    href: "url",
    website: "url",
    mail: "email",
    "email-address": "email",
    recipient: "email",
  },
  ...{
    file: "path",
    filename: "path",
    filepath: "path",
    "file-path": "path",
    "file-name": "path",
    folder: "path",
    directory: "path",
    dir: "path",
  },
  ...{
    day: "date",
    location: "place",
    city: "place",
    address: "place",
    destination: "place",
    town: "place",
    "city-name": "place",
  },
  ...{
    keyword: "query",
    search: "query",
    term: "query",
    q: "query",
    message: "text",
    body: "text",
    content: "text",
    contents: "text",
  },
  ...{
    cost: "price",
    fee: "price",
    amount: "amount",
    quantity: "count",
    limit: "count",
    total: "count",
    size: "count",
  },
};

export function meaningOf({ path, semantic, format, description }: Field): Meaning {
  const own = nameWords(path.filter((name) => name !== "*").at(-1) ?? "").map(singular);
  const words = contentWords([...path, description].join(" "));
  if (semantic !== undefined) return { kinds: [semantic.toLowerCase()], qualifiers: own, source: "declared", words };
  const known = format === undefined ? undefined : FORMATS[format];
  if (known !== undefined)
    return { kinds: [known], qualifiers: own.filter((word) => word !== known), source: "format", words };
  const choices = choicesOf(own).map(byName);
  const qualifiers = choices.length === 1 ? (choices[0]?.qualifiers ?? []) : [];
  return { kinds: [...new Set(choices.map(({ kind }) => kind))], qualifiers, source: "name", words };
}

/** "username_or_id_or_url" is one of three. */
function choicesOf(words: readonly string[]): readonly (readonly string[])[] {
  const at = words.indexOf("or");
  return at <= 0 ? [words] : [words.slice(0, at), ...choicesOf(words.slice(at + 1))];
}

/** M2. */
function byName(words: readonly string[]): { readonly kind: string; readonly qualifiers: readonly string[] } {
  for (const count of [2, 1]) {
    const kind = SAME[words.slice(-count).join("-")];
    if (words.length >= count && kind !== undefined) return { kind, qualifiers: words.slice(0, -count) };
  }
  const count = GENERIC.has(words.at(-1) ?? "") ? 2 : 1;
  return { kind: words.slice(-count).join("-"), qualifiers: words.slice(0, -count) };
}

const SMALL: ReadonlySet<string> = new Set(
  "a an the of for to in on at by with from and or as is are be it its this that these those which based use used using e.g i.e".split(
    " ",
  ),
);
/** The first sentences say what a field is; later ones how it is written. */
const MAX_WORDS = 40;

function contentWords(text: string): ReadonlySet<string> {
  const words = nameWords(text).slice(0, MAX_WORDS).map(singular);
  return new Set(words.filter((word) => !SMALL.has(word)));
}

function singular(word: string): string {
  return /[^su]s$/.test(word) && word.length > 3 ? word.slice(0, -1) : word;
}
