import { PLAN_ENDINGS, type CommandEntry, type Value } from "./table.ts";
import { argumentLines, commandCases, flagsOf, quoted, readingLines, valueLines } from "./words.ts";

// The script for bash, from 3.2 (that of macOS) on: no associative arrays, and what it lacks for names of files is left out
// there.

export function bashScript(table: readonly CommandEntry[]): string {
  return [
    '# Completion of planwright in bash: eval "$(planwright completion bash)"',
    "_planwright_files() {",
    "  compopt -o filenames 2>/dev/null",
    "  local IFS=$'\\n' file",
    '  for file in $(compgen -f -- "$cur"); do',
    '    if [[ -d $file ]]; then COMPREPLY+=("$file"); continue; fi',
    '    case "$1:$file" in',
    `      any:*|${PLAN_ENDINGS.map((ending) => `plan:*.${ending}`).join("|")}) COMPREPLY+=("$file") ;;`,
    "    esac",
    "  done",
    "}",
    "",
    "_planwright() {",
    '  local cur="${COMP_WORDS[COMP_CWORD]}" command="" pending="" word position=0 i',
    '  if [[ $cur == "=" ]]; then cur=""; fi',
    "  COMPREPLY=()",
    ...readingLines(table, "for ((i = 1; i < COMP_CWORD; i++)); do", '"${COMP_WORDS[i]}"'),
    "  if [[ -n $pending ]]; then",
    ...valueLines(table, offer),
    "  elif [[ $cur == -* ]]; then",
    ...commandCases(table, ({ options }) => [wordsLine(flagsOf(options))]),
    "  else",
    ...commandCases(table, ({ commands }) =>
      commands.length === 0 ? [] : [wordsLine(commands.map(({ name }) => name))],
    ),
    ...argumentLines(table, offer),
    "  fi",
    "}",
    "complete -F _planwright planwright",
    "",
  ].join("\n");
}

function offer(value: Value): readonly string[] {
  if (value.kind === "words") return [wordsLine(value.words)];
  if (value.kind === "directory") {
    return ["compopt -o filenames 2>/dev/null", `local IFS=$'\\n'; COMPREPLY=($(compgen -d -- "$cur"))`];
  }
  if (value.kind === "anything") return [];
  return [`_planwright_files ${value.kind === "plan-file" ? "plan" : "any"}`];
}

function wordsLine(words: readonly string[]): string {
  return `COMPREPLY+=($(compgen -W ${quoted(words.join(" "))} -- "$cur"))`;
}
