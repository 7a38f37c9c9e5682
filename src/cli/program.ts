import { Command, InvalidArgumentError } from "commander";
import type { BlobFlags, BlobListFlags, SweepFlags } from "#src/cli/commands/blobs.ts";
import type { CancelFlags } from "#src/cli/commands/cancel.ts";
import type { ConfigFlags } from "#src/cli/commands/config.ts";
import type { DoctorFlags } from "#src/cli/commands/doctor.ts";
import type { ListFlags } from "#src/cli/commands/list.ts";
import type { ReadFlags } from "#src/cli/commands/reading.ts";
import type { ResolveFlags } from "#src/cli/commands/resolve.ts";
import type { ResumeFlags } from "#src/cli/commands/resume.ts";
import type { RunFlags } from "#src/cli/commands/run.ts";
import type { ReplayFlags } from "#src/cli/commands/show.ts";
import type { ToolFlags } from "#src/cli/commands/tools.ts";
import type { ValidateFlags } from "#src/cli/commands/validate.ts";
import { configure } from "#src/cli/configured.ts";
import type { ExitCode } from "#src/cli/exit-code.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { parseDuration } from "#src/language/duration.ts";

// The commands, their options and examples: the border between words that were typed and the functions that do it.
// What a command does is loaded when it is called: `--help` loads none of it.

/** Called with the exit code of the command that ran. */
export type Done = (code: ExitCode) => void;

interface Door {
  readonly terminal: Terminal;
  readonly done: Done;
}

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
  addReading(program, door);
  addAnswering(program, door);
  addLookingAround(program, door);
  addBlobs(program.command("blobs"), door);
  return program;
}

function addRunning(program: Command, { terminal, done }: Door): void {
  reporting(granting(inputs(stored(program.command("run").argument("<file>", "plan, YAML or JSON")))))
    .description("run a plan and follow it to its end")
    .addHelpText(
      "after",
      examples(
        "run notes.yaml --input since=v1.2",
        "run notes.yaml --tools ./tools.ts --json",
        "run notes.yaml --root ../other --slots 4",
      ),
    )
    .action(async (file: string, flags: RunFlags) =>
      done(await (await import("#src/cli/commands/run.ts")).run(file, flags, terminal)),
    );
  json(tooled(inputs(program.command("validate").argument("<file>", "plan, YAML or JSON"))))
    .description("check a plan without running anything")
    .addHelpText("after", examples("validate notes.yaml", "validate notes.yaml --input since=v1.2 --json"))
    .action(async (file: string, flags: ValidateFlags) =>
      done(await (await import("#src/cli/commands/validate.ts")).validate(file, flags, terminal)),
    );
  reporting(granting(stored(program.command("resume").argument("[plan]", PLAN))))
    .description("go on with what a crash or Ctrl-C interrupted, by default all of it")
    .addHelpText("after", examples("resume", "resume last", "resume 7f3a --plain"))
    .action(async (plan: string | undefined, flags: ResumeFlags) =>
      done(await (await import("#src/cli/commands/resume.ts")).resume(plan, flags, terminal)),
    );
}

function addReading(program: Command, { terminal, done }: Door): void {
  json(stored(program.command("list")))
    .description("list plans, the newest first")
    .option("--limit <n>", "at most so many", wholeNumber, 20)
    .option("--live", "only those that have not ended")
    .addHelpText("after", examples("list", "list --live --json"))
    .action(async (flags: ListFlags) => done(await (await import("#src/cli/commands/list.ts")).list(flags, terminal)));
  json(stored(program.command("show").argument("<plan>", PLAN)))
    .description("show a plan's steps, outcome and response")
    .addHelpText("after", examples("show last", "show last --json"))
    .action(async (plan: string, flags: ReadFlags) =>
      done(await (await import("#src/cli/commands/show.ts")).show(plan, flags, terminal)),
    );
  json(stored(program.command("why").argument("<plan>", PLAN).argument("[step]", "by default all that have not ended")))
    .description("explain what a plan or a step waits for")
    .addHelpText("after", examples("why last", "why last publish"))
    .action(async (plan: string, step: string | undefined, flags: ReadFlags) =>
      done(
        await (
          await import("#src/cli/commands/why.ts")
        ).why(plan, { ...flags, ...(step === undefined ? {} : { step }) }, terminal),
      ),
    );
  json(stored(program.command("history").argument("<plan>", PLAN)))
    .description("print every fact of a plan")
    .addHelpText("after", examples("history last", "history last --json"))
    .action(async (plan: string, flags: ReadFlags) =>
      done(await (await import("#src/cli/commands/history.ts")).history(plan, flags, terminal)),
    );
  json(stored(program.command("replay").argument("<plan>", PLAN)))
    .description("show a plan as it was after one of its facts")
    .requiredOption("--to <revision>", "number of the fact, from 0", wholeNumber)
    .addHelpText("after", examples("replay last --to 4"))
    .action(async (plan: string, flags: ReplayFlags) =>
      done(await (await import("#src/cli/commands/show.ts")).replay(plan, flags, terminal)),
    );
}

function addAnswering(program: Command, { terminal, done }: Door): void {
  json(stored(program.command("resolve").argument("<plan>", PLAN).argument("<step>", "step whose outcome is unknown")))
    .description("answer for an attempt of which nobody knows whether it had its effect")
    .option("--done <json>", "it was done, with this output")
    .option("--retry", "it was not done: run it again")
    .option("--fail [note]", "it failed for good")
    .addHelpText("after", examples("resolve last publish --done '{\"id\": 7}'", "resolve last publish --retry"))
    .action(async (plan: string, step: string, flags: ResolveFlags) =>
      done(await (await import("#src/cli/commands/resolve.ts")).resolve({ plan, step }, flags, terminal)),
    );
  json(stored(program.command("cancel").argument("<plan>", PLAN)))
    .description("cancel a plan that no process runs (Ctrl-C stops one that runs here)")
    .option("--note <text>", "why, for the history")
    .addHelpText("after", examples("cancel last --note 'wrong input'"))
    .action(async (plan: string, flags: CancelFlags) =>
      done(await (await import("#src/cli/commands/cancel.ts")).cancel(plan, flags, terminal)),
    );
}

function addLookingAround(program: Command, { terminal, done }: Door): void {
  json(tooled(program.command("tools").argument("[name]", "one tool, with its schemas")))
    .description("list the tools that plans can call")
    .addHelpText("after", examples("tools", "tools http.json", "tools --tools ./tools.ts"))
    .action(async (name: string | undefined, flags: ToolFlags) =>
      done(await (await import("#src/cli/commands/tools.ts")).tools(name, flags, terminal)),
    );
  json(stored(program.command("doctor")))
    .description("check the store: every checksum, every blob, who holds it, what is quarantined")
    .option("--release <plan>", "let a quarantined plan go on")
    .addHelpText("after", examples("doctor", "doctor --release 7f3a"))
    .action(async (flags: DoctorFlags) =>
      done(await (await import("#src/cli/commands/doctor.ts")).doctor(flags, terminal)),
    );
  json(granting(stored(program.command("config"))))
    .description("show what counts here: every setting, and the option, variable or line that it comes from")
    .option("--check", "only say what is wrong with the file, also where its paths lead nowhere")
    .option("--schema", "print the JSON Schema of the file")
    .addHelpText("after", examples("config", "config --check", "config --config ci.yaml --slots 4 --json"))
    .action(async (_: unknown, command: Command) =>
      done(
        await (await import("#src/cli/commands/config.ts")).config(command.optsWithGlobals<ConfigFlags>(), terminal),
      ),
    );
}

function addBlobs(blobs: Command, { terminal, done }: Door): void {
  blobs
    .description("look at the payloads that are kept as files, and remove those that no fact cites any more")
    .addHelpText("after", examples("blobs", "blobs list --garbage", "blobs sweep --dry-run"));
  graced(json(stored(blobs.command("usage", { isDefault: true }))))
    .description("say how many there are and how large: cited by facts, young, and garbage")
    .addHelpText("after", examples("blobs usage", "blobs usage --json"))
    .action(async (flags: BlobFlags) =>
      done(await (await import("#src/cli/commands/blobs.ts")).blobUsage(flags, terminal)),
    );
  graced(json(stored(blobs.command("list"))))
    .description("list them, the largest first")
    .option("--limit <n>", "at most so many", positiveNumber, 100)
    .option("--garbage", "only what a sweep would remove")
    .addHelpText("after", examples("blobs list --limit 10", "blobs list --garbage --json"))
    .action(async (flags: BlobListFlags) =>
      done(await (await import("#src/cli/commands/blobs.ts")).listBlobs(flags, terminal)),
    );
  graced(json(stored(blobs.command("sweep"))))
    .description("remove what no fact cites and what is older than the grace period; holds the store meanwhile")
    .option("--dry-run", "only say what it would remove")
    .addHelpText("after", examples("blobs sweep", "blobs sweep --dry-run", "blobs sweep --grace 1h"))
    .action(async (flags: SweepFlags) =>
      done(await (await import("#src/cli/commands/blobs.ts")).sweep(flags, terminal)),
    );
}

const PLAN = "its id, the beginning or end of it, or `last`";

function stored(command: Command): Command {
  return command.option("--store <dir>", "folder of the store (default: .planwright)");
}

function json(command: Command): Command {
  return command.option("--json", "print one JSON document");
}

function reporting(command: Command): Command {
  return command
    .option("--plain", "print lines instead of a live screen")
    .option("--json", "print JSON lines: facts, and a result at the end");
}

function inputs(command: Command): Command {
  return command
    .option("--input <name=value>", "an input; may be given again", collected, [])
    .option("--inputs <file>", "inputs from a YAML or JSON file");
}

function tooled(command: Command): Command {
  return command.option("--tools <module>", "file or package that exports tools; may be given again", collected);
}

function granting(command: Command): Command {
  return tooled(command)
    .option("--root <dir>", "directory that the tools stay inside (default: the current one)")
    .option("--slots <n>", "attempts that run at once (default: 8)", positiveNumber)
    .option("--allow-private-network", "let the http tools reach private addresses");
}

function graced(command: Command): Command {
  return command.option("--grace <duration>", "how old garbage is before it counts (default: 24h)", duration);
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError("a number and a unit (ms, s, m, h or d) is wanted here, such as 24h.");
}

function collected(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

const MAX_NUMBER = 1_000_000_000;

function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= MAX_NUMBER) return value;
  throw new InvalidArgumentError("a whole number is wanted here.");
}

function positiveNumber(text: string): number {
  const value = wholeNumber(text);
  if (value > 0) return value;
  throw new InvalidArgumentError("a number above 0 is wanted here.");
}

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  planwright ${line}`).join("\n")}`;
}
