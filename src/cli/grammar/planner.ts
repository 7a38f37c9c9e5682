import type { Command } from "commander";
import type { PlannerFlags, TrainFlags } from "#src/cli/commands/planner.ts";
import type { StoreFlags } from "#src/cli/connection.ts";
import { examples, json, PLAN, stored, type Door } from "#src/cli/grammar/options.ts";

// The commands `planner …`: what the planner learns from examples, and what it has said to language models. Their words, options and
// examples; what they do is loaded when they are called.

export function addPlanner(planner: Command, { terminal, done }: Door): void {
  planner
    .description("teach the planner which tools a request needs, and see what it has asked language models")
    .addHelpText(
      "after",
      examples(
        "planner train requests.jsonl --out planner.model",
        "planner show planner.model",
        "planner prompts last",
      ),
    );
  json(planner.command("train").argument("<files...>", "JSON lines: {request, tools: […]}, perhaps with steps: […]"))
    .description("learn from requests whose tools are known, and save what was learned")
    .requiredOption("--out <model>", "file that the model is written to")
    .option("--evaluate", "also say how good it is on requests that it did not see (five more trainings)")
    .addHelpText(
      "after",
      examples(
        "planner train requests.jsonl --out planner.model",
        "planner train may.jsonl june.jsonl --out planner.model --evaluate --json",
      ),
    )
    .action(async (files: readonly string[], flags: TrainFlags) =>
      done(await (await import("#src/cli/commands/planner.ts")).train(files, flags, terminal)),
    );
  json(planner.command("show").argument("<model>", "file that `planner train` wrote"))
    .description("say what a model knows: its tools, from how many requests, and when it was trained")
    .addHelpText("after", examples("planner show planner.model", "planner show planner.model --json"))
    .action(async (file: string, flags: PlannerFlags) =>
      done(await (await import("#src/cli/commands/planner.ts")).showModel(file, flags, terminal)),
    );
  json(stored(planner.command("prompts").argument("<plan>", PLAN)))
    .description("show what was said to language models for a plan, and what they said")
    .addHelpText("after", examples("planner prompts last", "planner prompts 7f3a --json"))
    .action(async (plan: string, flags: StoreFlags) =>
      done(await (await import("#src/cli/commands/prompts.ts")).prompts(plan, flags, terminal)),
    );
}
