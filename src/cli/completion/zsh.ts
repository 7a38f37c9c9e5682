import { PLAN_ENDINGS, type CommandEntry, type Value } from "./table.ts";
import { argumentLines, commandCases, quoted, readingLines, valueLines } from "./words.ts";

// The script for zsh: a function that is loaded by name from a folder of `fpath`, or defined when the script is read.
// Commands and options are offered with what they do.

export function zshScript(table: readonly CommandEntry[]): string {
  return [
    "#compdef planwright",
    "# Completion of planwright in zsh: source <(planwright completion zsh), after compinit; or as _planwright in fpath.",
    "_planwright() {",
    '  local cur="${words[CURRENT]}" command="" pending="" word',
    "  local -a offered",
    "  integer position=0 i",
    ...readingLines(table, "for ((i = 2; i < CURRENT; i++)); do", '"${words[i]}"'),
    "  if [[ -n $pending ]]; then",
    ...valueLines(table, offer),
    "  elif [[ $cur == -* ]]; then",
    ...commandCases(table, ({ options }) =>
      described(
        "option",
        options.flatMap(({ flags, description }) => flags.map((name) => ({ name, description }))),
      ),
    ),
    "  else",
    ...commandCases(table, ({ commands }) => (commands.length === 0 ? [] : described("command", commands))),
    ...argumentLines(table, offer),
    "  fi",
    "}",
    'if [[ "$funcstack[1]" == _planwright ]]; then _planwright "$@"; else compdef _planwright planwright; fi',
    "",
  ].join("\n");
}

function offer(value: Value): readonly string[] {
  if (value.kind === "words") return [`compadd -- ${value.words.map(quoted).join(" ")}`];
  if (value.kind === "directory") return ["_files -/"];
  if (value.kind === "anything") return [];
  return value.kind === "file" ? ["_files"] : [`_files -g ${quoted(`*.(${PLAN_ENDINGS.join("|")})`)}`];
}

/** A colon parts a name from its description. */
function described(
  kind: string,
  entries: readonly { readonly name: string; readonly description: string }[],
): readonly string[] {
  const all = entries.map(({ name, description }) => quoted(`${name.replaceAll(":", "\\:")}:${description}`));
  return [`offered=(${all.join(" ")})`, `_describe ${kind} offered`];
}
