import type { Command } from "commander";
import { bashScript } from "#src/cli/completion/bash.ts";
import { fishScript } from "#src/cli/completion/fish.ts";
import { completionTable, type CommandEntry } from "#src/cli/completion/table.ts";
import { zshScript } from "#src/cli/completion/zsh.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import type { Terminal } from "#src/cli/terminal.ts";

// `completion`: a script that a shell reads once when it starts. Completing a word then asks nobody: it starts no process,
// where the libraries for it ask the program again at every Tab.

export type Shell = "bash" | "zsh" | "fish";

const SCRIPTS: Readonly<Record<Shell, (table: readonly CommandEntry[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

export function completion(
  { shell, json = false }: { readonly shell: Shell; readonly json: boolean | undefined },
  program: Command,
  terminal: Terminal,
): ExitCode {
  const script = SCRIPTS[shell](completionTable(program));
  terminal.out(json ? JSON.stringify({ shell, script }) : script.trimEnd());
  return EXIT.ok;
}
