import { parameterWords, type SaidArgument, type Wanting } from "#src/planning/binding/clause-span.ts";

// What people say where tools take a notation: "TypeScript files" for `**/*.ts`, "since v1.0" for `v1.0..HEAD`. A kind of file
// that is not known is no pattern: asking is better.

/** Extensions of kinds of files, where they are not the word itself. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  ...{
    typescript: "ts",
    javascript: "js",
    python: "py",
    markdown: "md",
    rust: "rs",
    ruby: "rb",
    kotlin: "kt",
  },
  ...{
    text: "txt",
    yaml: "{yaml,yml}",
    yml: "yml",
    shell: "sh",
    html: "html",
    jpeg: "{jpg,jpeg}",
    haskell: "hs",
  },
};
const ITSELF: ReadonlySet<string> = new Set(
  "ts tsx js jsx mjs cjs py md rs rb kt go java c h cpp cs php swift scala lua sql sh json csv tsv xml html css txt log pdf png jpg gif svg toml ini".split(
    " ",
  ),
);
const WRITTEN = /(?<=^|[\s"'`])[\w./{},-]{0,80}\*[\w./{},*?-]{0,80}(?=$|[\s"'`])/u;
const KIND_OF_FILES = /(?<![\p{L}\p{N}])\.?([a-z]{1,12}) files?(?!\p{L})/iu;
const EVIDENCE = 0.6;

/** A pattern of file names, as it is written or as a kind of file says it. */
export function saidGlob({ entry, parameter, clause }: Wanting): SaidArgument | undefined {
  if (!wantsGlob({ entry, parameter })) return undefined;
  const written = WRITTEN.exec(clause.words);
  if (written !== null)
    return foundAt(clause, written.index, {
      words: written[0],
      value: written[0],
    });
  const kind = KIND_OF_FILES.exec(clause.words);
  const word = (kind?.[1] ?? "").toLowerCase();
  const extension = Object.hasOwn(EXTENSIONS, word) ? EXTENSIONS[word] : ITSELF.has(word) ? word : undefined;
  if (kind === null || extension === undefined) return undefined;
  return foundAt(clause, kind.index, {
    words: kind[0],
    value: `**/*.${extension}`,
  });
}

export function wantsGlob({ entry, parameter }: Pick<Wanting, "entry" | "parameter">): boolean {
  const isPattern = parameterWords(parameter).some((word) => word === "pattern" || word === "glob");
  return (
    isPattern &&
    parameter.options === undefined &&
    /\bglob|`\*|\*\*/i.test(`${entry.name} ${entry.description} ${parameter.description}`)
  );
}

const REVISION = String.raw`(?:v?\d{1,6}(?:\.\d{1,6}){1,3}(?:-[\w.]{1,20})?|v\d{1,6}|HEAD(?:[~^]\d{0,4})?|[0-9a-f]{7,40})`;
const RANGE = new RegExp(String.raw`\b(${REVISION})\.\.\.?(${REVISION})(?![\w.])`, "iu");
const BETWEEN = new RegExp(String.raw`\b(?:between|from) (${REVISION}) (?:and|to|until) (${REVISION})(?!\w)`, "iu");
const SINCE = new RegExp(String.raw`\b(?:since|after|from) (${REVISION})(?!\w)`, "iu");

/** Revisions of a repository: one, or a range of them. */
export function saidRevisions({ parameter, clause }: Wanting): SaidArgument | undefined {
  const about = `${parameterWords(parameter).join(" ")} ${parameter.description}`;
  if (parameter.type !== "string" || !/\brevisions?\b/i.test(about)) return undefined;
  for (const pattern of [RANGE, BETWEEN, SINCE]) {
    const found = pattern.exec(clause.words);
    if (found === null) continue;
    const { 0: words, 1: first = "", 2: last = "HEAD", index } = found;
    return foundAt(clause, index, {
      words,
      value: about.includes("..") ? `${first}..${last}` : first,
    });
  }
  return undefined;
}

/** Whether the words name a range of revisions. */
export function saysRevisions(words: string): boolean {
  return [RANGE, BETWEEN, SINCE].some((pattern) => pattern.test(words));
}

function foundAt(
  clause: Wanting["clause"],
  index: number,
  { words, value }: { readonly words: string; readonly value: string },
): SaidArgument {
  const from = clause.from + index;
  return {
    value,
    said: { from, to: from + words.length, words },
    evidence: EVIDENCE,
  };
}
