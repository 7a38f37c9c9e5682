import type { Command } from "commander";
import type { AssessFlags } from "#src/cli/commands/assess.ts";
import type { BacklogFlags } from "#src/cli/commands/backlog.ts";
import type { PlanChangesFlags } from "#src/cli/commands/plan-changes.ts";
import type { ConverseFlags } from "#src/cli/conversing.ts";
import {
  collected,
  examples,
  granting,
  PLAN,
  positiveNumber,
  reporting,
  stored,
  type Door,
} from "#src/cli/grammar/options.ts";

// Commands that find out what is missing and close it: their words, options and examples. What they do is loaded when they
// are called.

const DEFAULT_REQUESTS = 1_000;

export function addImplementing(program: Command, { terminal, done }: Door): void {
  granting(stored(program.command("assess").argument("<dir>", "what is assessed; by default the tools stay inside it")))
    .description("ask whether requirements are met, and rank what is missing")
    .requiredOption("--requirements <file>", "YAML or JSON")
    .option("--no-cache", "ask everything anew, also where nothing has changed")
    .option("--plain", "print lines of what happens")
    .option("--json", "print one JSON document: answers with evidence, and gaps in their order")
    .addHelpText(
      "after",
      examples(
        "assess . --requirements requirements.yaml",
        "assess ../service --requirements requirements.yaml --no-cache",
        "assess . --requirements requirements.yaml --json",
      ),
    )
    .action(async (directory: string, flags: AssessFlags) =>
      done(await (await import("#src/cli/commands/assess.ts")).assess(directory, flags, terminal)),
    );
  granting(stored(program.command("backlog")))
    .description("derive requirements from the history: requests that no tool could do, and tools that keep failing")
    .option("--requests <n>", "requests that are looked at, the newest ones", positiveNumber, DEFAULT_REQUESTS)
    .option("--plain", "print lines of what happens")
    .option("--json", "print one JSON document")
    .addHelpText("after", examples("backlog > backlog.yaml", "backlog --json"))
    .action(async (flags: BacklogFlags) =>
      done(await (await import("#src/cli/commands/backlog.ts")).backlog(flags, terminal)),
    );
  addPlanning(program, { terminal, done });
  reporting(granting(stored(program.command("implement").argument("<plan>", PLAN))))
    .description("let a plan of changes begin, or go on, and follow it to its end")
    .addHelpText("after", examples("implement last", "implement last --plain --root ../shop"))
    .action(async (plan: string, flags: ConverseFlags) =>
      done(await (await import("#src/cli/commands/implement.ts")).implement(plan, flags, terminal)),
    );
}

function addPlanning(program: Command, { terminal, done }: Door): void {
  granting(
    stored(
      program.command("plan-changes").argument("[dir]", "what is changed; by default the tools stay inside it", "."),
    ),
  )
    .description("plan the changes that close what is missing; the plan waits for approvals and for `implement`")
    .requiredOption("--requirements <file>", "YAML or JSON")
    .option("--assessment <file>", "what `assess --json` printed, in the place of asking now")
    .option("--no-cache", "ask everything anew, also where nothing has changed")
    .option("--only <requirement>", "close this one and what it needs; may be given again", collected)
    .option("--max <n>", "the most urgent ones, so many changes at most", positiveNumber)
    .option("--model <name>", "language model that is asked for remedies which have an `ask`")
    .option("--out <file>", "also write the plan to a file, YAML or JSON by its ending")
    .option("--dry-run", "show and write the plan, and do not start it")
    .option("--table", "show a table (the default)")
    .option("--tree", "show what comes before what, with the reasons")
    .option("--gantt", "show when what is expected to be done")
    .option("--plain", "print lines of what happens")
    .option("--json", "print one JSON document: the plan, its changes, approvals, totals, and what stays open")
    .addHelpText(
      "after",
      examples(
        "plan-changes . --requirements requirements.yaml",
        "plan-changes . --requirements requirements.yaml --tree --dry-run",
        "plan-changes . --requirements requirements.yaml --only licence --only ci --out next.plan.yaml",
      ),
    )
    .action(async (directory: string, flags: PlanChangesFlags) =>
      done(await (await import("#src/cli/commands/plan-changes.ts")).planChanges(directory, flags, terminal)),
    );
}
