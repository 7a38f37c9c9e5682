import { type Command, InvalidArgumentError } from "commander";
import { parseDuration } from "#src/language/duration.ts";
import type { ExitCode } from "#src/cli/exit-code.ts";
import type { Terminal } from "#src/cli/terminal.ts";

// Options and arguments that commands share, and what a command is declared with: one wording and one way to read a value
// for all of them.

/** Called with the exit code of the command that ran. */
export type Done = (code: ExitCode) => void;

export interface Door {
  readonly terminal: Terminal;
  readonly done: Done;
}

export const PLAN = "its id, the beginning or end of it, or `last`";

export const SOURCES = "name with each sentence of the response the steps that it stands on";

export function stored(command: Command): Command {
  return command.option("--store <place>", "folder of the store, or URL of its server (default: .planwright)");
}

export function json(command: Command): Command {
  return command.option("--json", "print one JSON document");
}

export function reporting(command: Command): Command {
  return command
    .option("--plain", "print lines instead of a live screen")
    .option("--json", "print JSON lines: facts, and a result at the end")
    .option("--sources", SOURCES);
}

export function inputs(command: Command): Command {
  return command
    .option("--input <name=value>", "an input; may be given again", collected, [])
    .option("--inputs <file>", "inputs from a YAML or JSON file");
}

export function tooled(command: Command): Command {
  return command.option("--tools <module>", "file or package that exports tools; may be given again", collected);
}

export function granting(command: Command): Command {
  return tooled(command)
    .option("--root <dir>", "directory that the tools stay inside (default: the current one)")
    .option("--slots <n>", "attempts that run at once (default: 8)", positiveNumber)
    .option("--allow-private-network", "let the http tools reach private addresses");
}

export function noted(command: Command): Command {
  return command.option("--note <text>", "why, for the history");
}

export function graced(command: Command): Command {
  return command.option("--grace <duration>", "how old garbage is before it counts (default: 24h)", duration);
}

export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError("a number and a unit (ms, s, m, h or d) is wanted here, such as 24h.");
}

export function collected(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

const MAX_NUMBER = 1_000_000_000;

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= MAX_NUMBER) return value;
  throw new InvalidArgumentError("a whole number is wanted here.");
}

export function positiveNumber(text: string): number {
  const value = wholeNumber(text);
  if (value > 0) return value;
  throw new InvalidArgumentError("a number above 0 is wanted here.");
}

export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  planwright ${line}`).join("\n")}`;
}
