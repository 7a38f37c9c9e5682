import type { Output } from "#src/api/client.ts";
import { reading, type StoreFlags } from "#src/cli/connection.ts";
import { isOver } from "#src/cli/ending.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { durationText, lineText, timeText } from "#src/cli/text.ts";
import { systemClock } from "#src/ports/system/clock.ts";

// `why`: the reasons of projections/why.ts as sentences, with what a person can do about each.
// Moments become durations here, against the clock of this machine.

const MAX_LINE_CHARS = 300;
const MAX_NEEDS_NAMED = 8;

type Explanation = Output<"why">["steps"][number];
type Reason = Explanation["reason"];

/** Why a step, or everything that has not ended, is where it is. */
export async function why(
  reference: string,
  { step, ...flags }: StoreFlags & { readonly step?: string },
  terminal: Terminal,
): Promise<ExitCode> {
  return reading(flags, async (client) => {
    const explained = await client.why({ plan: reference, ...(step === undefined ? {} : { step }) });
    const { plan, status, steps } = explained;
    if (flags.json === true) {
      terminal.out(JSON.stringify(explained));
      return EXIT.ok;
    }
    if (steps.length === 0) terminal.out(`nothing waits: the plan has ${isOver(status) ? status : "no open step"}`);
    for (const explanation of steps) terminal.out(explanationText(explanation, plan));
    return EXIT.ok;
  });
}

function explanationText({ step, state, reason }: Explanation, plan: string): string {
  const text = `${step} (${state}): ${lineText(reasonText(reason, systemClock.now()), MAX_LINE_CHARS)}`;
  return reason.kind === "unknown-outcome"
    ? `${text}\n  answer by: planwright resolve ${plan} ${step} --done JSON | --retry | --fail`
    : text;
}

function reasonText<K extends Reason["kind"]>(reason: ReasonOf<K> & { readonly kind: K }, now: number): string {
  return TEXTS[reason.kind](reason, now);
}

type ReasonOf<K> = Extract<Reason, { kind: K }>;

/** A new reason does not compile before it says here how it reads. */
const TEXTS: { readonly [K in Reason["kind"]]: (reason: ReasonOf<K>, now: number) => string } = {
  needs: needsText,
  slot: (reason) => `everything it needs is there since ${timeText(reason.sinceAt)}; ${slotText(reason)}`,
  retry: (reason, now) => `attempt ${reason.attempt} starts ${whenText(reason.dueAt, now)}${becauseText(reason.error)}`,
  timer: (reason, now) => `it waits until ${timeText(reason.dueAt)} (${whenText(reason.dueAt, now)})`,
  signal: ({ name, sinceAt }) => `it waits for the signal ${name} since ${timeText(sinceAt)}`,
  approval: ({ role, hash, expiresAt }, now) =>
    `it waits for approval${role === undefined ? "" : ` by ${role}`} of ${hash}${expiresAt === undefined ? "" : `, which expires ${whenText(expiresAt, now)}`}`,
  members: (reason) =>
    `${reason.ended} of ${reason.total} inside have ended, ${reason.failed} of them failed; ${reason.begun - reason.ended} are under way`,
  concurrency: (reason) => `its turn has not come: ${reason.concurrency} at once are under way`,
  running: (reason, now) =>
    `attempt ${reason.attempt} of ${reason.tool} runs for ${durationText(Math.max(0, now - reason.sinceAt))}; its timeout is ${whenText(reason.timeoutAt, now)}`,
  "unknown-outcome": (reason) =>
    `nobody knows whether attempt ${reason.attempt} had its effect${reason.answeredBy === "tool" ? "; a tool is finding out" : ""}${becauseText(reason.error)}`,
  plan: planText,
  skipped: (reason) => `it was skipped: ${reason.because}`,
  ended: (reason) => `it has ${reason.state} at ${timeText(reason.at)}${becauseText(reason.error)}`,
};

function slotText({ shortage }: Extract<Reason, { kind: "slot" }>): string {
  switch (shortage?.kind) {
    case "no-executor":
      return "no executor is there to run it: start one by `planwright worker`";
    case "no-tool":
      return `no executor has the tool ${shortage.tool}: start one that has by \`planwright worker --tools MODULE\``;
    case "no-pool":
      return `no executor that has its tool serves the pool ${shortage.pool}: \`planwright worker --pool ${shortage.pool}\``;
    case "no-slot":
      return `it waits for a slot: ${shortage.used} of ${shortage.slots} are taken on the executors that can run it`;
    case undefined:
      return "it waits for a slot, or for `planwright resume` where no process runs the plan";
  }
}

function needsText({ open, join }: Extract<Reason, { kind: "needs" }>): string {
  const named = open.slice(0, MAX_NEEDS_NAMED).map(({ step, state }) => `${step} (${state})`);
  const more = open.length > named.length ? ` and ${open.length - named.length} more` : "";
  return `it needs ${join === "all" ? "" : join === "any" ? "one of " : `${join.first} of `}${named.join(", ")}${more}`;
}

function planText({ plan, failed }: Extract<Reason, { kind: "plan" }>): string {
  if (plan === "running")
    return `the plan stops because ${failed.join(", ")} failed; what runs may finish, nothing new starts`;
  if (plan === "paused") return "the plan is paused; nothing starts before it is resumed";
  return plan === "cancelling"
    ? "the plan is being cancelled; nothing new starts"
    : `the plan has ${plan}; it never started`;
}

function whenText(at: number, now: number): string {
  return at <= now ? "due now" : `in ${durationText(at - now)}`;
}

function becauseText(error: { readonly category: string; readonly message: string } | undefined): string {
  return error === undefined ? "" : `, because of ${error.category}: ${error.message}`;
}
