import { InvalidArgumentError, Option, type Command } from "commander";
import { PLAN_STATES, type PlanStateName } from "#machines/plan-chart.ts";
import type { ListFlags } from "#src/cli/commands/list.ts";
import type { ReportFlags } from "#src/cli/commands/report.ts";
import type { ReplayFlags, ShowFlags } from "#src/cli/commands/show.ts";
import type { WatchFlags } from "#src/cli/commands/watch.ts";
import type { StoreFlags } from "#src/cli/connection.ts";
import { PLAN, SOURCES, stored, json, reporting, wholeNumber, examples, type Door } from "#src/cli/grammar/options.ts";

// Commands that look at plans: their words, options and examples. They need no holder, and disturb none.
// What they do is loaded when they are called.

const FORMATS = ["md", "html", "json"];

export function addReading(program: Command, { terminal, done }: Door): void {
  json(stored(program.command("list")))
    .description("list plans, the newest first")
    .option("--limit <n>", "at most so many", wholeNumber, 20)
    .option("--live", "only those that have not ended")
    .addOption(
      new Option("--status <status>", "only those; may be given again").choices(PLAN_STATES).argParser(planStatus),
    )
    .option("--name <name>", "only plans of this name")
    .option("--text <text>", "only those with it in their name, id or error")
    .option("--cursor <cursor>", "goes on behind a page, as it says itself")
    .addHelpText("after", examples("list", "list --live --json", "list --status failed --text timeout"))
    .action(async (flags: ListFlags) => done(await (await import("#src/cli/commands/list.ts")).list(flags, terminal)));
  json(stored(program.command("show").argument("<plan>", PLAN)))
    .description("show a plan's steps, outcome and response")
    .option("--sources", SOURCES)
    .addHelpText("after", examples("show last", "show last --json", "show last --sources"))
    .action(async (plan: string, flags: ShowFlags) =>
      done(await (await import("#src/cli/commands/show.ts")).show(plan, flags, terminal)),
    );
  json(stored(program.command("why").argument("<plan>", PLAN).argument("[step]", "by default all that have not ended")))
    .description("explain what a plan or a step waits for")
    .addHelpText("after", examples("why last", "why last publish"))
    .action(async (plan: string, step: string | undefined, flags: StoreFlags) =>
      done(
        await (
          await import("#src/cli/commands/why.ts")
        ).why(plan, { ...flags, ...(step === undefined ? {} : { step }) }, terminal),
      ),
    );
  json(stored(program.command("report").argument("<plan>", PLAN)))
    .description("report a plan: how far it is, what is left, what slipped and why, what blocks it, who approved what")
    .addOption(
      new Option("--format <format>", "what it is written as (default: as the ending of --out, else md)").choices(
        FORMATS,
      ),
    )
    .option("--out <file>", "write it there instead of printing it")
    .option("--follow", "make it anew while the plan goes on, until it ends")
    .addHelpText("after", examples("report last", "report last --out report.html --follow", "report last --json"))
    .action(async (plan: string, flags: ReportFlags) =>
      done(await (await import("#src/cli/commands/report.ts")).report(plan, flags, terminal)),
    );
  json(stored(program.command("history").argument("<plan>", PLAN)))
    .description("print every fact of a plan")
    .addHelpText("after", examples("history last", "history last --json"))
    .action(async (plan: string, flags: StoreFlags) =>
      done(await (await import("#src/cli/commands/history.ts")).history(plan, flags, terminal)),
    );
  json(stored(program.command("replay").argument("<plan>", PLAN)))
    .description("show a plan as it was after one of its facts")
    .requiredOption("--to <revision>", "number of the fact, from 0", wholeNumber)
    .addHelpText("after", examples("replay last --to 4"))
    .action(async (plan: string, flags: ReplayFlags) =>
      done(await (await import("#src/cli/commands/show.ts")).replay(plan, flags, terminal)),
    );
  reporting(stored(program.command("watch").argument("<plan>", PLAN)))
    .description("follow a plan that another process runs; Ctrl-C ends the watching and nothing else")
    .option("--all", "tell also what happened before")
    .addHelpText("after", examples("watch last", "watch 7f3a --plain", "watch last --all --json"))
    .action(async (plan: string, flags: WatchFlags) =>
      done(await (await import("#src/cli/commands/watch.ts")).watch(plan, flags, terminal)),
    );
}

function planStatus(text: string, before: readonly PlanStateName[] | undefined): readonly PlanStateName[] {
  const status = PLAN_STATES.find((known) => known === text);
  if (status === undefined) throw new InvalidArgumentError(`a plan is one of ${PLAN_STATES.join(", ")}.`);
  return [...(before ?? []), status];
}
