import type { Argument, Command, Option } from "commander";

// What can be typed after `planwright`, read off the grammar itself: the one table that the scripts of all shells are made
// from. A new command, option or choice is completed without anybody thinking of it.

/** What stands behind an option, or in the place of an argument. */
export type Value =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "file" | "plan-file" | "directory" | "anything" };

export interface OptionEntry {
  /** `--limit`, and `-V` where there is a short one. */
  readonly flags: readonly string[];
  readonly description: string;
  /** Missing for an option that stands alone. */
  readonly value?: Value;
}

export interface CommandEntry {
  /** `blobs list`; empty for the program itself. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionEntry[];
  readonly arguments: readonly Value[];
}

export function completionTable(command: Command, path: readonly string[] = []): readonly CommandEntry[] {
  const help = command.createHelp();
  const named = help.visibleCommands(command);
  const entry: CommandEntry = {
    path: path.join(" "),
    commands: named.map((one) => ({ name: one.name(), description: help.subcommandDescription(one) })),
    options: [...help.visibleOptions(command), ...globalOptions(command)].map(optionEntry),
    arguments: command.registeredArguments.map(argumentValue),
  };
  const inside = command.commands.flatMap((one) => completionTable(one, [...path, one.name()]));
  return [entry, ...inside];
}

function globalOptions(command: Command): readonly Option[] {
  return command.parent === null ? [] : [...command.parent.options, ...globalOptions(command.parent)];
}

function optionEntry({ long, short, description, argChoices, flags, required, optional }: Option): OptionEntry {
  const names = [short, long].filter((name) => name !== undefined);
  const [, placeholder = ""] = /[<[]([^>\]]+)[>\]]/.exec(flags) ?? [];
  const value = required || optional ? { value: valueOf(argChoices, BEHIND_OPTIONS[placeholder]) } : {};
  return { flags: names, description, ...value };
}

/** By the names that the grammar gives to values. */
const BEHIND_OPTIONS: Readonly<Record<string, Value["kind"] & ("file" | "directory")>> = {
  file: "file",
  module: "file",
  model: "file",
  dir: "directory",
};

/** The same for arguments. */
const ARGUMENTS: Readonly<Record<string, Value["kind"] & ("file" | "plan-file")>> = {
  file: "plan-file",
  files: "file",
  model: "file",
};

function argumentValue(argument: Argument): Value {
  if (argument.name() === "plan") return { kind: "words", words: ["last"] };
  return valueOf(argument.argChoices, ARGUMENTS[argument.name()]);
}

function valueOf(choices: readonly string[] | undefined, kind: "file" | "plan-file" | "directory" | undefined): Value {
  return choices === undefined ? { kind: kind ?? "anything" } : { kind: "words", words: choices };
}

/** Endings of files that may be plans. */
export const PLAN_ENDINGS = ["yaml", "yml", "json", "ts", "mts", "js", "mjs"] as const;
