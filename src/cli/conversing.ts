import type { Fact } from "#events/catalog.ts";
import { planId, type PlanId } from "#events/ids.ts";
import type { PlanView } from "#machines/state.ts";
import type { Client, Output } from "#src/api/client.ts";
import { clientOf } from "#src/api/client.ts";
import { actorOf } from "#src/compose.ts";
import { asStoreLocked, withHolder } from "#src/cli/connection.ts";
import { exitCodeOf, type Ending } from "#src/cli/ending.ts";
import type { ExitCode } from "#src/cli/exit-code.ts";
import { hasGrants } from "#src/cli/grants.ts";
import { openHolder, type HolderFlags } from "#src/cli/holder.ts";
import { watchInterruption } from "#src/cli/interrupt.ts";
import { answerCommand, answerFor } from "#src/cli/questions.ts";
import { chooseReporter } from "#src/cli/reporter-choice.ts";
import type { Reporter, ReportFlags } from "#src/cli/reporter.ts";
import { valueText } from "#src/cli/result-text.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { watchPlans } from "#src/cli/watching.ts";
import { systemClock } from "#src/ports/system/clock.ts";

// `ask` and `answer`: a request in words, followed to its answer. Where the plan asks back, whoever sits there is asked; where nobody
// does, the command ends and says how to answer.
//
// Q1. Asked of the process that holds the store where there is one, else of this one: questions and answers are the same.
// Q2. The answer to a question is one signal; an approval names the hash of what was shown.

export interface ConverseFlags extends HolderFlags, ReportFlags {}

interface Begun {
  readonly plan: string;
  /** Of the plan after that; what was before is not shown. Default: all of it is. */
  readonly revision?: number;
}

export interface Conversation {
  /** As others are told who find the store held. */
  readonly command: string;
  /** Starts the plan, or lets it go on with what was answered. */
  readonly begin: (client: Client) => Promise<Begun>;
  /** A plan that is there already. */
  readonly about?: string;
}

/** Faults: those of `begin`, and of opening a store. */
export async function converse(
  conversation: Conversation,
  flags: ConverseFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  using interruption = watchInterruption();
  const around = { flags, terminal, signal: interruption.signal };
  const { reporter, ending } = await withHolder(
    flags,
    async (client) => {
      if (hasGrants(flags)) throw await asStoreLocked(client);
      return followed(client, conversation, around);
    },
    () => followedHere(conversation, around),
  );
  reporter.ended(ending);
  return exitCodeOf(ending);
}

interface Around {
  readonly flags: ConverseFlags;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

interface Told {
  readonly reporter: Reporter;
  readonly ending: Ending;
}

/** The store is let go when this resolves. */
async function followedHere(conversation: Conversation, around: Around): Promise<Told> {
  const { flags, terminal, signal } = around;
  const { command, about } = conversation;
  const tell = (line: string): void => terminal.err(line);
  await using holder = await openHolder(flags, command, { ...(about === undefined ? {} : { about }), signal, tell });
  const told = await followed(clientOf(holder.app, actorOf()), conversation, around);
  // Nobody else lets it go on: what was done is safe, and it is taken up with the answer.
  return told.ending.status === "detached" ? { ...told, ending: { ...told.ending, status: "interrupted" } } : told;
}

async function followed(client: Client, { begin }: Conversation, around: Around): Promise<Told> {
  const { plan, revision = -1 } = await begin(client);
  const { name } = await client.get({ plan });
  for (let known = revision; ;) {
    const { flags, terminal, signal } = around;
    const reporter = await chooseReporter(flags, terminal, systemClock);
    const stopped = new AbortController();
    const watching = asksBack(reporter, () => stopped.abort());
    const until = AbortSignal.any([signal, stopped.signal]);
    const [ending] = await watchPlans(client, [{ plan, name, known }], { reporter: watching, signal: until });
    if (ending === undefined || signal.aborted || !stopped.signal.aborted) {
      return { reporter, ending: ending ?? { plan: planId.parse(plan), name, status: "detached" } };
    }
    const next = await answered(client, plan, around);
    if (next === undefined) return { reporter, ending: { plan: planId.parse(plan), name, status: "needs-person" } };
    known = next;
  }
}

/** The same reporter; whoever listens hears once that nothing goes on without an answer. */
function asksBack(reporter: Reporter, listen: () => void): Reporter {
  return {
    ...reporter,
    facts: (plan: PlanId, facts: readonly Fact[], state: PlanView) => {
      reporter.facts(plan, facts, state);
      if (isAsking(state)) listen();
    },
  };
}

function isAsking(state: PlanView): boolean {
  if (state.running.size + state.ready.size > 0) return false;
  return state.asking.size > 0 || state.signals.isAwaited;
}

/** The plan's revision after whoever sits there has answered all that is asked; undefined where nobody did. */
async function answered(client: Client, plan: string, { flags, terminal }: Around): Promise<number | undefined> {
  const { awaited, revision } = await client.get({ plan });
  let known = revision;
  const { approvals } = await client.approvals({ plan });
  for (const one of awaited) {
    if (flags.json === true) terminal.out(JSON.stringify({ kind: "question", plan, ...one }));
    const answer = flags.json === true ? undefined : await answerFor(one, terminal);
    if (answer === undefined) {
      terminal.err(`answer by: ${answerCommand(plan, one)}`);
      return undefined;
    }
    known = (await client.signal({ plan, name: one.signal, payload: answer })).revision;
  }
  for (const approval of approvals) {
    const decided = await approved(client, { plan, approval }, { flags, terminal });
    if (decided === undefined) return undefined;
    known = decided;
  }
  return known;
}

interface Asked {
  readonly plan: string;
  readonly approval: Output<"approvals">["approvals"][number];
}

async function approved(
  client: Client,
  { plan, approval: { step, hash, show } }: Asked,
  { flags, terminal }: Pick<Around, "flags" | "terminal">,
): Promise<number | undefined> {
  if (flags.json === true) terminal.out(JSON.stringify({ kind: "approval", plan, step, hash, show: show ?? null }));
  else terminal.err(`${step} asks: ${valueText(show ?? step)}`);
  const answer = flags.json === true ? undefined : await terminal.ask("Approve this? [y/n] ");
  if (answer === undefined || !/^(?:y|yes|n|no)$/i.test(answer.trim())) {
    terminal.err(`answer by: planwright approve ${plan} ${step}, or deny; then: planwright resume ${plan}`);
    return undefined;
  }
  const asked = await (/^y/i.test(answer.trim())
    ? client.approve({ plan, step, hash })
    : client.deny({ plan, step, hash }));
  return asked.revision;
}
