import { Command } from "commander";
import { configure } from "#src/cli/configured.ts";
import { addAnswering } from "#src/cli/grammar/answering.ts";
import { addBlobs } from "#src/cli/grammar/blobs.ts";
import { addImplementing } from "#src/cli/grammar/implementing.ts";
import { addLookingAround } from "#src/cli/grammar/looking.ts";
import type { Done } from "#src/cli/grammar/options.ts";
import { addPlanner } from "#src/cli/grammar/planner.ts";
import { addReading } from "#src/cli/grammar/reading.ts";
import { addRunning } from "#src/cli/grammar/running.ts";
import { addSimulating } from "#src/cli/grammar/simulating.ts";
import { addTemplate } from "#src/cli/grammar/template.ts";
import type { Terminal } from "#src/cli/terminal.ts";

// The commands, their options and examples: the border between words that were typed and the functions that do it.
// What a command does is loaded when it is called: `--help` loads none of it.

export function buildProgram(terminal: Terminal, done: Done): Command {
  const program = new Command("planwright");
  program
    .description("Runs plans: data that says which tools run in which order, remembered as facts that survive crashes.")
    .option("-V, --version", "print the version")
    .option("--config <file>", "configuration (default: planwright.config.yaml or .json in the current directory)")
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
    })
    .showHelpAfterError("(planwright COMMAND --help shows its options and examples)")
    .addHelpText(
      "after",
      "\nExit codes: 0 succeeded, 1 plan failed, 2 not right, 3 cancelled, 4 needs a person, 5 store, 6 quarantined, 130 interrupted.",
    );
  program.hook("preAction", configure);
  const door = { terminal, done };
  addRunning(program, door);
  addSimulating(program, door);
  addReading(program, door);
  addAnswering(program, door);
  addImplementing(program, door);
  addLookingAround(program, door);
  addPlanner(program.command("planner"), door);
  addTemplate(program.command("template"), door);
  addBlobs(program.command("blobs"), door);
  return program;
}
