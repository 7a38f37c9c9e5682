import { CommanderError, type Command } from "commander";
import { EXIT } from "#src/cli/exit-code.ts";

/** Runs a program of one command, and gives its exit code: what is typed wrongly is told by the program itself. */
export async function parsed(program: Command, argv: readonly string[], code: () => number): Promise<number> {
  try {
    await program.exitOverride().parseAsync(argv, { from: "user" });
    return code();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    throw error;
  }
}
