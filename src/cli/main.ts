import process from "node:process";
import { CommanderError } from "commander";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { WrongConfiguration } from "#src/cli/configured.ts";
import { printFailure } from "#src/cli/failure.ts";
import { refuseFindings } from "#src/cli/findings.ts";
import { buildProgram } from "#src/cli/program.ts";
import { everythingSaid, processTerminal, type Terminal } from "#src/cli/terminal.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { keepHeapSmall } from "#src/ports/system/heap.ts";

// The door of the command line: arguments in, an exit code out.
//
// M1. The process stays alive until the command has an answer and its readers have that, whatever timers run in the
//     background; and it ends soon after, whatever a tool left open.

/** A command that waits for nothing that Node knows of is kept alive by this. */
const KEEP_ALIVE_MS = 24 * 60 * 60 * 1_000;

/** What a tool leaves open may linger so long after the answer. */
const LINGER_MS = 500;

/** Runs one command and resolves with its exit code; never rejects. */
export async function main(argv: readonly string[]): Promise<number> {
  keepHeapSmall();
  const alive = systemClock.after(KEEP_ALIVE_MS, () => undefined);
  const code = await runCommand(argv, processTerminal());
  await everythingSaid();
  alive[Symbol.dispose]();
  systemClock.after(LINGER_MS, () => process.exit(code), { background: true });
  return code;
}

/** One command, to its exit code; what it says goes to the terminal. Never rejects. */
export async function runCommand(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const program = buildProgram(terminal, (done) => {
    code = done;
  });
  try {
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const json = argv.includes("--json");
    if (error instanceof WrongConfiguration) return refuseFindings(error.findings, terminal, json);
    return printFailure(error, terminal, json);
  }
}
