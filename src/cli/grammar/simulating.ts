import type { Command } from "commander";
import type { SimulateFlags } from "#src/cli/commands/simulate.ts";
import {
  collected,
  examples,
  inputs,
  json,
  positiveNumber,
  tooled,
  wholeNumber,
  type Door,
} from "#src/cli/grammar/options.ts";

/** `simulate`: its words, options and examples. What it does is loaded when it is called. */
export function addSimulating(program: Command, { terminal, done }: Door): void {
  json(tooled(inputs(program.command("simulate").argument("<file>", "plan: YAML, JSON, or a module that exports one"))))
    .description("run a plan again and again while something goes wrong, in virtual time and without its tools")
    .option("--seeds <n>", "runs for each fault (default: 20)", positiveNumber)
    .option("--seed <n>", "the first seed; alone, the only one", wholeNumber)
    .option("--fault <name>", "only this fault; may be given again", collected)
    .option("--script <file>", "what tools give: a YAML or JSON mapping by step or tool")
    .option("--real", "call the real tools: what they do happens, in every run")
    .option("--root <dir>", "directory that real tools stay inside (default: the current one)")
    .option("--allow-private-network", "let real http tools reach private addresses")
    .option("--trace", "print what happened in every run, with its facts")
    .addHelpText(
      "after",
      examples(
        "simulate notes.yaml --input since=v1.2",
        "simulate notes.yaml --seeds 200 --json",
        "simulate notes.yaml --fault crash --seed 7 --trace",
      ),
    )
    .action(async (file: string, flags: SimulateFlags) =>
      done(await (await import("#src/cli/commands/simulate.ts")).simulate(file, flags, terminal)),
    );
}
