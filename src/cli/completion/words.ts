import type { CommandEntry, OptionEntry, Value } from "./table.ts";

// What bash and zsh have in common: the lines of a `case` that says where in the line the cursor is.
//
// W1. A line is read from its beginning: the words that name a command, then options with what stands behind them, then
//     arguments. `command` is the path so far, `pending` the option whose value comes next, `position` the number of the
//     next argument.
// W2. bash takes `=` and `:` for words of their own: what follows one is still the value before it.

/** As a word of a shell that stands for itself. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Reads the words before the cursor; `first` and `last` are indices as the shell counts, `word` the word at `i`. */
export function readingLines(table: readonly CommandEntry[], loop: string, word: string): readonly string[] {
  const paths = table.filter(({ path }) => path !== "").map(({ path }) => patternOf(path));
  const taking = table.flatMap(({ path, options }) =>
    options.filter(({ value }) => value !== undefined).flatMap(({ flags }) => flags.map((flag) => `${path} ${flag}`)),
  );
  return [
    `  ${loop}`,
    `    word=${word}`,
    `    if [[ $word == "=" || $word == ":" ]]; then pending="\${pending:-$word}"; continue; fi`,
    `    if [[ -n $pending ]]; then pending=""; continue; fi`,
    `    case "$command $word" in`,
    `      ${paths.join("|")})`,
    `        command="\${command:+$command }$word" position=0 ;;`,
    `      ${taking.map(quoted).join("|")})`,
    `        pending="$word" ;;`,
    `      *" -"*) ;;`,
    `      *) position=$((position + 1)) ;;`,
    `    esac`,
    `  done`,
  ];
}

/** `command` is empty where the first word is read. */
function patternOf(path: string): string {
  return quoted(path.includes(" ") ? path : ` ${path}`);
}

type Offer = (value: Value) => readonly string[];

/** Lines that offer what may stand behind `pending`. */
export function valueLines(table: readonly CommandEntry[], offer: Offer): readonly string[] {
  const places = new Map<string, { readonly patterns: string[]; readonly lines: readonly string[] }>();
  for (const { path, options } of table) {
    for (const { flags, value } of options) {
      if (value !== undefined)
        gather(places, { lines: offer(value), patterns: flags.map((flag) => `${path} ${flag}`) });
    }
  }
  return casesOf("$command $pending", places);
}

/** Lines that offer what may stand in the place of the next argument. */
export function argumentLines(table: readonly CommandEntry[], offer: Offer): readonly string[] {
  const places = new Map<string, { readonly patterns: string[]; readonly lines: readonly string[] }>();
  for (const entry of table) {
    for (const [position, value] of entry.arguments.entries()) {
      gather(places, { lines: offer(value), patterns: [`${entry.path} ${position}`] });
    }
  }
  return casesOf("$command $position", places);
}

type Places = Map<string, { readonly patterns: string[]; readonly lines: readonly string[] }>;

function gather(places: Places, { lines, patterns }: { lines: readonly string[]; patterns: readonly string[] }): void {
  if (lines.length === 0) return;
  const key = lines.join("\n");
  const known = places.get(key) ?? { patterns: [], lines };
  known.patterns.push(...patterns);
  places.set(key, known);
}

function casesOf(subject: string, places: Places): readonly string[] {
  const cases = [...places.values()].flatMap(({ patterns, lines }) => [
    `      ${patterns.map(quoted).join("|")})`,
    ...lines.map((line) => `        ${line}`),
    `        ;;`,
  ]);
  return [`    case "${subject}" in`, ...cases, `    esac`];
}

/** Lines for each command, by its path. */
export function commandCases(
  table: readonly CommandEntry[],
  lines: (entry: CommandEntry) => readonly string[],
): readonly string[] {
  const cases = table.flatMap((entry) => {
    const own = lines(entry);
    return own.length === 0
      ? []
      : [`      ${quoted(entry.path)})`, ...own.map((line) => `        ${line}`), `        ;;`];
  });
  return [`    case "$command" in`, ...cases, `    esac`];
}

export function flagsOf(options: readonly OptionEntry[]): readonly string[] {
  return options.flatMap(({ flags }) => flags);
}
