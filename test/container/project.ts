// The project as the container files see it: what they may copy, start and refer to.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { buildProgram } from "#src/cli/program.ts";
import { saidTerminal } from "../cli/said-terminal.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export function projectText(file: string): string {
  return readFileSync(path.join(ROOT, file), "utf8");
}

export function isThere(file: string): boolean {
  return existsSync(path.join(ROOT, file));
}

export function projectPath(file: string): string {
  return path.join(ROOT, file);
}

/** What is wrong with the arguments of a call of the command line; nothing where they would be taken. */
export function argumentProblems([name = "", ...rest]: readonly string[]): readonly string[] {
  const program = buildProgram(saidTerminal().terminal, () => undefined);
  if (rest.length === 0 && program.options.some(({ long }) => long === name || name === "--help")) return [];
  const command = program.commands.find((one) => one.name() === name);
  if (command === undefined) return [`there is no command ${name}`];
  return optionProblems(command, rest);
}

function optionProblems(command: Command, words: readonly string[]): readonly string[] {
  const { operands, unknown } = command.parseOptions([...words]);
  const stray = operands.length > command.registeredArguments.length ? operands : [];
  return [...unknown, ...stray].map((word) => `${command.name()} takes no ${word}`);
}
