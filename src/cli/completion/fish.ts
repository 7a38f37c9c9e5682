import { PLAN_ENDINGS, type CommandEntry, type OptionEntry, type Value } from "./table.ts";

// The script for fish: one line for each command, option and argument, under the condition that the line so far names the
// command.

export function fishScript(table: readonly CommandEntry[]): string {
  const paths = table.filter(({ path }) => path !== "").map(({ path }) => (path.includes(" ") ? path : ` ${path}`));
  return [
    "# Completion of planwright in fish: planwright completion fish | source",
    "function __planwright_at",
    "    set -l command ''",
    "    for word in (commandline -opc)[2..]",
    '        switch "$command $word"',
    `            case ${paths.map(quoted).join(" ")}`,
    '                set command (string trim -- "$command $word")',
    "        end",
    "    end",
    '    test "$command" = "$argv[1]"',
    "end",
    "complete -c planwright -f",
    ...table.flatMap(linesOf),
    "",
  ].join("\n");
}

function linesOf({ path, commands, options, arguments: places }: CommandEntry): readonly string[] {
  const start = `complete -c planwright -n ${quoted(`__planwright_at ${quoted(path)}`)}`;
  const [value] = places;
  return [
    ...commands.map(({ name, description }) => `${start} -a ${quoted(name)} -d ${quoted(description)}`),
    ...options.map((option) => `${start} ${optionWords(option)} -d ${quoted(option.description)}`),
    ...(value === undefined || value.kind === "anything" ? [] : [`${start} ${valueWords(value)}`]),
  ];
}

function optionWords({ flags, value }: OptionEntry): string {
  const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  return [...names, ...(value === undefined ? [] : ["-r", valueWords(value)])].join(" ");
}

function valueWords(value: Value): string {
  if (value.kind === "words") return `-f -a ${quoted(value.words.join(" "))}`;
  if (value.kind === "directory") return "-f -a '(__fish_complete_directories)'";
  if (value.kind === "file") return "-F";
  if (value.kind === "anything") return "-f";
  const wanted = String.raw`^[^\t]*(?:/|\.(?:${PLAN_ENDINGS.join("|")}))(?:\t|$)`;
  return `-f -a ${quoted(`(__fish_complete_path (commandline -ct) | string match -r -e ${quoted(wanted)})`)}`;
}

/** Inside single quotes fish reads a backslash before a quote or a backslash. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", String.raw`\'`)}'`;
}
