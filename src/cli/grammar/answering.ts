import type { Command } from "commander";
import type { CancelFlags } from "#src/cli/commands/cancel.ts";
import type { CommentFlags } from "#src/cli/commands/comment.ts";
import type { DecideFlags, Verdict } from "#src/cli/commands/decide.ts";
import type { DoneFlags, OutcomeFlags } from "#src/cli/commands/outcome.ts";
import type { PauseFlags } from "#src/cli/commands/pause.ts";
import type { ResolveFlags } from "#src/cli/commands/resolve.ts";
import type { RetryFlags } from "#src/cli/commands/retry.ts";
import type { ReviewFlags } from "#src/cli/commands/review.ts";
import type { ReviseFlags } from "#src/cli/commands/revise.ts";
import type { RollbackFlags } from "#src/cli/commands/rollback.ts";
import type { SignalFlags } from "#src/cli/commands/signal.ts";
import {
  duration,
  PLAN,
  stored,
  json,
  reporting,
  granting,
  noted,
  examples,
  type Door,
} from "#src/cli/grammar/options.ts";

// Commands by which a person decides about a plan or a step: their words, options and examples. What they do is loaded
// when they are called.

export function addAnswering(program: Command, { terminal, done }: Door): void {
  json(stored(program.command("resolve").argument("<plan>", PLAN).argument("<step>", "step whose outcome is unknown")))
    .description("answer for an attempt of which nobody knows whether it had its effect")
    .option("--done <json>", "it was done, with this output")
    .option("--retry", "it was not done: run it again")
    .option("--fail [note]", "it failed for good")
    .addHelpText("after", examples("resolve last publish --done '{\"id\": 7}'", "resolve last publish --retry"))
    .action(async (plan: string, step: string, flags: ResolveFlags) =>
      done(await (await import("#src/cli/commands/resolve.ts")).resolve({ plan, step }, flags, terminal)),
    );
  noted(json(stored(program.command("cancel").argument("<plan>", PLAN))))
    .description("cancel a plan, also one that another process runs, and wait until it is")
    .addHelpText("after", examples("cancel last --note 'wrong input'"))
    .action(async (plan: string, flags: CancelFlags) =>
      done(await (await import("#src/cli/commands/cancel.ts")).cancel(plan, flags, terminal)),
    );
  for (const verdict of ["approve", "deny", "requestChanges", "withdraw"] as const) {
    addDecision(program, verdict, { terminal, done });
  }
  addReviewing(program, { terminal, done });
  json(stored(program.command("signal").argument("<plan>", PLAN).argument("<name>", "what the step waits for")))
    .description("send a signal to the step that waits for it, or will")
    .option("--payload <json>", "what the step gives as its output (default: null)")
    .option("--id <text>", "your own name for it: sent again it changes nothing")
    .option("--expires <duration>", "how long it is kept for a step that does not wait yet (default: 7d)", duration)
    .addHelpText("after", examples("signal last paid --payload '{\"amount\": 12}'", "signal last paid --id order-7"))
    .action(async (plan: string, name: string, flags: SignalFlags) =>
      done(await (await import("#src/cli/commands/signal.ts")).signal({ plan, name }, flags, terminal)),
    );
  noted(json(stored(program.command("pause").argument("<plan>", PLAN))))
    .description("pause a plan: nothing new starts until `resume`, what runs may end")
    .addHelpText("after", examples("pause last --note 'until monday'"))
    .action(async (plan: string, flags: PauseFlags) =>
      done(await (await import("#src/cli/commands/pause.ts")).pause(plan, flags, terminal)),
    );
  noted(json(stored(program.command("revise").argument("<plan>", PLAN).argument("<file>", "its new definition"))))
    .description("go on with another definition; shows first what is different, what has begun stays")
    .option("--preview", "only show it")
    .option("--yes", "do not ask")
    .addHelpText("after", examples("revise last notes.yaml", "revise last notes.yaml --preview"))
    .action(async (plan: string, file: string, flags: ReviseFlags) =>
      done(await (await import("#src/cli/commands/revise.ts")).revise({ plan, file }, flags, terminal)),
    );
  addOutcomes(program, { terminal, done });
  addGoingOn(program, { terminal, done });
}

const DECISIONS = {
  approve: { name: "approve", does: "approve what a step asks for; shows first what that is" },
  deny: { name: "deny", does: "deny what a step asks for; shows first what that is" },
  requestChanges: {
    name: "request-changes",
    does: "ask for changes of what a question covers: nobody else's approval is taken until it is revised, or you withdraw",
  },
  withdraw: { name: "withdraw", does: "take back what you have said of a question that is open" },
} as const;

function addDecision(program: Command, verdict: Verdict, { terminal, done }: Door): void {
  const { name, does } = DECISIONS[verdict];
  noted(json(stored(program.command(name).argument("<plan>", PLAN).argument("[step]", "by default the only one"))))
    .description(does)
    .option("--hash <hash>", "of the question as you have seen it")
    .option("--yes", "do not ask")
    .addHelpText("after", examples(`${name} last`, `${name} last review --note 'as we said' --yes`))
    .action(async (plan: string, step: string | undefined, flags: DecideFlags) =>
      done(await (await import("#src/cli/commands/decide.ts")).decide(verdict, { plan, step }, { flags, terminal })),
    );
}

function addReviewing(program: Command, { terminal, done }: Door): void {
  json(stored(program.command("review").argument("<plan>", PLAN)))
    .description("show all that a reviewer needs: what is asked, what it covers, who has said what, what was revised")
    .option("--audit", "with who said what, when, and of which hash")
    .addHelpText("after", examples("review last", "review last --audit --json"))
    .action(async (plan: string, flags: ReviewFlags) =>
      done(await (await import("#src/cli/commands/review.ts")).review(plan, flags, terminal)),
    );
  json(stored(program.command("comment").argument("<plan>", PLAN).argument("<text>", "what you have to say")))
    .description("say something about a plan, or a step of it; nothing follows from it")
    .option("--step <step>", "what it is about")
    .addHelpText("after", examples("comment last 'who pays for it?'", "comment last 'too wide' --step publish"))
    .action(async (plan: string, text: string, flags: CommentFlags) =>
      done(await (await import("#src/cli/commands/comment.ts")).comment({ plan, text }, flags, terminal)),
    );
}

function addOutcomes(program: Command, { terminal, done }: Door): void {
  noted(json(stored(program.command("done").argument("<plan>", PLAN).argument("<step>", STEP))))
    .description("say that a step is done, by hand or elsewhere")
    .option("--output <json>", "what it gave (default: null)")
    .addHelpText("after", examples("done last publish --output '{\"id\": 7}'", "done last review --note 'by phone'"))
    .action(async (plan: string, step: string, flags: DoneFlags) =>
      done(await (await import("#src/cli/commands/outcome.ts")).done({ plan, step }, flags, terminal)),
    );
  noted(json(stored(program.command("skip").argument("<plan>", PLAN).argument("<step>", STEP))))
    .description("skip a step, and those that need it")
    .addHelpText("after", examples("skip last notify"))
    .action(async (plan: string, step: string, flags: OutcomeFlags) =>
      done(await (await import("#src/cli/commands/outcome.ts")).skip({ plan, step }, flags, terminal)),
    );
}

function addGoingOn(program: Command, { terminal, done }: Door): void {
  goingOn(program.command("retry").argument("<plan>", PLAN))
    .description("reopen a plan that failed or was cancelled: what failed runs again, what succeeded stays")
    .addHelpText("after", examples("retry last", "retry 7f3a --detach", "retry last --tools ./mended.tools.ts"))
    .action(async (plan: string, flags: RetryFlags) =>
      done(await (await import("#src/cli/commands/retry.ts")).retry(plan, flags, terminal)),
    );
  goingOn(program.command("rollback").argument("<plan>", PLAN))
    .description("take back what a plan has done, in reverse order; shows first what that is")
    .option("--preview", "only show it")
    .option("--from <step>", "only this step and what depends on it")
    .option("--to <step>", "everything but this step and what it depends on")
    .option("--yes", "do not ask")
    .option("--accept-irreversible", "irreversible steps were seen, and may stay as they are")
    .addHelpText("after", examples("rollback last --preview", "rollback last --from publish", "rollback last --yes"))
    .action(async (plan: string, flags: RollbackFlags) =>
      done(await (await import("#src/cli/commands/rollback.ts")).rollback(plan, flags, terminal)),
    );
}

const STEP = "a step's path";

function goingOn(command: Command): Command {
  return noted(reporting(granting(stored(command)))).option("--detach", "only ask for it, and follow nothing");
}
