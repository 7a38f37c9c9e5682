import { planId } from "#events/ids.ts";
import type { Client, Output } from "#src/api/client.ts";
import { clientOf } from "#src/api/client.ts";
import { actorOf } from "#src/compose.ts";
import { asking, asStoreLocked, withHolder } from "#src/cli/connection.ts";
import { exitCodeOf, type Ending } from "#src/cli/ending.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { follow } from "#src/cli/follow.ts";
import { hasGrants } from "#src/cli/grants.ts";
import { openHolder, type HolderFlags } from "#src/cli/holder.ts";
import { watchInterruption } from "#src/cli/interrupt.ts";
import { linger } from "#src/cli/linger.ts";
import { nextText } from "#src/cli/next-text.ts";
import { chooseReporter } from "#src/cli/reporter-choice.ts";
import type { Reporter, ReportFlags } from "#src/cli/reporter.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { watchedFromNow, watchPlans } from "#src/cli/watching.ts";
import { systemClock } from "#src/ports/system/clock.ts";

// Commands that make a plan move again (`retry`, `rollback`): asked of the process that holds the store, and watched; or
// asked here, and run here to its end. With `--detach` what was asked is recorded and nothing is followed.

export interface GoOnFlags extends HolderFlags, ReportFlags {
  readonly detach?: boolean;
}

export interface Question {
  /** As others are told who find the store held. */
  readonly command: string;
  readonly plan: string;
  readonly ask: (client: Client) => Promise<Output<"retry">>;
  /** The ending that was asked for: with it, the command did what was asked. */
  readonly aim: Ending["status"];
}

interface Told {
  readonly ending: Ending;
  readonly reporter: Reporter;
  readonly isTold: boolean;
}

export async function askAndFollow(question: Question, flags: GoOnFlags, terminal: Terminal): Promise<ExitCode> {
  if (flags.detach === true) return detached(question, flags, terminal);
  using interruption = watchInterruption();
  const around = { flags, terminal, signal: interruption.signal };
  const told = await withHolder(
    flags,
    (client) => followedThere(client, question, around),
    () => followedHere(question, around),
  );
  if (told === undefined) return EXIT.ok;
  if (!told.isTold) told.reporter.ended(told.ending);
  return told.ending.status === question.aim ? EXIT.ok : exitCodeOf(told.ending);
}

async function detached({ command, ask }: Question, flags: GoOnFlags, terminal: Terminal): Promise<ExitCode> {
  return asking(flags, command, async (client) => {
    print(await ask(client), flags, terminal);
    return EXIT.ok;
  });
}

function print(asked: Output<"retry">, flags: ReportFlags, terminal: Terminal): void {
  const { plan, status } = asked;
  terminal.out(flags.json === true ? JSON.stringify(asked) : `${plan} ${status}; ${nextText(asked)}`);
}

interface Around {
  readonly flags: GoOnFlags;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** Undefined where the plan does not go on there: what was asked is recorded, and that is said. */
async function followedThere(
  client: Client,
  { plan, ask }: Question,
  { flags, terminal, signal }: Around,
): Promise<Told | undefined> {
  if (hasGrants(flags)) throw await asStoreLocked(client);
  const before = await watchedFromNow(client, plan);
  const asked = await ask(client);
  if (!asked.goesOn) {
    print(asked, flags, terminal);
    return undefined;
  }
  const reporter = await chooseReporter(flags, terminal, systemClock);
  const [ending] = await watchPlans(client, [before], { reporter, signal });
  return ending === undefined ? undefined : { ending, reporter, isTold: false };
}

/** The store is let go when this resolves. */
async function followedHere(
  { command, plan: reference, ask }: Question,
  { flags, terminal, signal }: Around,
): Promise<Told | undefined> {
  await using holder = await openHolder(flags, command, {
    about: reference,
    signal,
    tell: (line) => terminal.err(line),
  });
  const { engine, app } = holder;
  const client = clientOf(app, actorOf());
  const { plan, name } = await client.get({ plan: reference });
  const reporter = await chooseReporter(flags, terminal, systemClock);
  const begin = () => ask(client);
  const [ending] = await follow(engine, [{ plan: planId.parse(plan), name, begin }], { reporter, signal });
  if (ending === undefined) return undefined;
  const tell = (): void => reporter.ended(ending);
  return { ending, reporter, isTold: await linger(engine, tell, { terminal, signal }) };
}
