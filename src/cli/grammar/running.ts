import type { Command } from "commander";
import type { AnswerFlags, AskFlags } from "#src/cli/commands/ask.ts";
import type { McpFlags } from "#src/cli/commands/mcp.ts";
import type { ResumeFlags } from "#src/cli/commands/resume.ts";
import type { RunFlags } from "#src/cli/commands/run.ts";
import type { WorkerFlags } from "#src/cli/commands/worker.ts";
import type { ServeFlags } from "#src/cli/commands/serve.ts";
import type { SubmitFlags } from "#src/cli/commands/submit.ts";
import type { ValidateFlags } from "#src/cli/commands/validate.ts";
import {
  collected,
  PLAN,
  stored,
  json,
  reporting,
  inputs,
  tooled,
  granting,
  positiveNumber,
  wholeNumber,
  duration,
  examples,
  type Door,
} from "#src/cli/grammar/options.ts";

// Commands that check plans, start them and let them go on: their words, options and examples. What they do is loaded when
// they are called.

export function addRunning(program: Command, { terminal, done }: Door): void {
  keyed(
    reporting(
      granting(
        inputs(stored(program.command("run").argument("<file>", "plan: YAML, JSON, or a module that exports one"))),
      ),
    ),
  )
    .description("run a plan and follow it to its end")
    .addHelpText(
      "after",
      examples(
        "run notes.yaml --input since=v1.2",
        "run notes.yaml --tools ./tools.ts --json",
        "run notes.yaml --root ../other --slots 4",
        "run notes.yaml --key notes-of-monday",
      ),
    )
    .action(async (file: string, flags: RunFlags) =>
      done(await (await import("#src/cli/commands/run.ts")).run(file, flags, terminal)),
    );
  addAsking(program, { terminal, done });
  addValidate(program, { terminal, done });
  reporting(granting(stored(program.command("resume").argument("[plan]", PLAN))))
    .description("go on with what a crash or Ctrl-C interrupted, by default all of it")
    .addHelpText("after", examples("resume", "resume last", "resume 7f3a --plain"))
    .action(async (plan: string | undefined, flags: ResumeFlags) =>
      done(await (await import("#src/cli/commands/resume.ts")).resume(plan, flags, terminal)),
    );
  addStaying(program, { terminal, done });
  keyed(
    reporting(
      inputs(stored(program.command("submit").argument("<file>", "plan: YAML, JSON, or a module that exports one"))),
    ),
  )
    .description("hand a plan to the process that holds the store")
    .option("--watch", "follow it to its end")
    .addHelpText(
      "after",
      examples("submit notes.yaml --input since=v1.2", "submit notes.yaml --watch", "submit notes.yaml --key notes-7"),
    )
    .action(async (file: string, flags: SubmitFlags) =>
      done(await (await import("#src/cli/commands/submit.ts")).submit(file, flags, terminal)),
    );
}

/** Requests in words. */
function addAsking(program: Command, { terminal, done }: Door): void {
  keyed(reporting(granting(stored(program.command("ask").argument("<words...>", "what is to be done, in a sentence")))))
    .description("plan what is asked in words, run it, and answer")
    .option("--context <name=value>", "a value that goes with it; may be given again", collected, [])
    .option("--session <name>", "a conversation to go on with, or to begin")
    .option("--detach", "hand it to the process that holds the store, and follow nothing")
    .option("--without <tool>", "a tool that must not be used, also mail.* for several; may be given again", collected)
    .addHelpText(
      "after",
      examples(
        "ask 'count the words in README.md'",
        "ask 'fetch the open tickets' --context url=https://tracker.example/api/open",
        "ask 'the same for docs/tools.md' --session reading",
      ),
    )
    .action(async (words: readonly string[], flags: AskFlags) =>
      done(await (await import("#src/cli/commands/ask.ts")).ask(words, flags, terminal)),
    );
  reporting(
    granting(stored(program.command("answer").argument("<plan>", PLAN).argument("[words...]", "the answer, in words"))),
  )
    .description("answer what a plan has asked back, and follow it to its end")
    .option("--value <name=value>", "a value by the name that was asked for; may be given again", collected, [])
    .addHelpText("after", examples("answer last Oslo", "answer last --value city=Oslo --value days=3"))
    .action(async (plan: string, words: readonly string[], flags: AnswerFlags) =>
      done(await (await import("#src/cli/commands/ask.ts")).answer({ plan, words }, flags, terminal)),
    );
}

/** What goes on until it is told to end. */
function addStaying(program: Command, { terminal, done }: Door): void {
  granting(stored(program.command("serve")))
    .description("hold the store, take up what was interrupted, and run what is handed over, until Ctrl-C")
    .option("--host <address>", "address of the HTTP door (default: 127.0.0.1); any other needs tokens")
    .option("--port <n>", "port of the HTTP door (default: one that is free)", wholeNumber)
    .option("--json", "print JSON lines: where it serves, then facts")
    .addHelpText("after", examples("serve", "serve --port 4747 --tools ./tools.ts", "serve --store /var/plans --json"))
    .action(async (flags: ServeFlags) =>
      done(await (await import("#src/cli/commands/serve.ts")).serve(flags, terminal)),
    );
  granting(stored(program.command("mcp")))
    .description("speak the Model Context Protocol on stdin and stdout, for an agent or an editor that starts it")
    .option("--json", "tell what happens on stderr as JSON lines")
    .addHelpText("after", examples("mcp", "mcp --store /var/plans", "mcp --tools ./tools.ts --root ."))
    .action(async (flags: McpFlags) => done(await (await import("#src/cli/commands/mcp.ts")).mcp(flags, terminal)));
  granting(program.command("worker"))
    .description("run steps for the coordinators that the configuration's `nats` names, until Ctrl-C")
    .option("--pool <name>", "run only steps of this pool, `default` for steps without one (default: all)")
    .option(
      "--stuck-after <duration>",
      "how long a tool may block the process before it counts as gone (default: 30s)",
      duration,
    )
    .option("--json", "print JSON lines: when it works, and when it ends")
    .addHelpText("after", examples("worker --slots 8 --tools ./tools.ts", "worker --pool gpu --slots 2 --json"))
    .action(async (flags: WorkerFlags) =>
      done(await (await import("#src/cli/commands/worker.ts")).worker(flags, terminal)),
    );
}

function keyed(command: Command): Command {
  return command.option("--key <text>", "start once: the same key, plan and inputs attach to the plan of before");
}

function addValidate(program: Command, { terminal, done }: Door): void {
  stored(
    json(
      tooled(inputs(program.command("validate").argument("<file>", "plan: YAML, JSON, or a module that exports one"))),
    ),
  )
    .description("check a plan without running anything")
    .option("--estimate", "also how long it is expected to take, and what it reads on every branch")
    .option("--slots <n>", "attempts that run at once, for the estimate (default: 8)", positiveNumber)
    .addHelpText("after", examples("validate notes.yaml", "validate notes.yaml --input since=v1.2 --estimate"))
    .action(async (file: string, flags: ValidateFlags) =>
      done(await (await import("#src/cli/commands/validate.ts")).validate(file, flags, terminal)),
    );
}
