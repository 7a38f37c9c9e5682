import { planId } from "#events/ids.ts";
import type { Client } from "#src/api/client.ts";
import { actorOf } from "#src/compose.ts";
import { asStoreLocked, withHolder } from "#src/cli/connection.ts";
import { exitCodeOf, type Ending } from "#src/cli/ending.ts";
import { EXIT, worstOf, type ExitCode } from "#src/cli/exit-code.ts";
import { follow } from "#src/cli/follow.ts";
import { hasGrants } from "#src/cli/grants.ts";
import { openHolder, type Holder, type HolderFlags } from "#src/cli/holder.ts";
import { watchInterruption } from "#src/cli/interrupt.ts";
import { linger } from "#src/cli/linger.ts";
import { chooseReporter } from "#src/cli/reporter-choice.ts";
import type { Reporter, ReportFlags } from "#src/cli/reporter.ts";
import { isSomewhere } from "#src/cli/serving.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { watchedFromNow, watchPlans } from "#src/cli/watching.ts";
import { systemClock } from "#src/ports/system/clock.ts";

// `resume`: takes up what a crash, a Ctrl-C or an answered outcome left, and follows it to the end: in the process that holds
// the store, where one does, else in this one. Each plan goes on with what it was started with.

export interface ResumeFlags extends HolderFlags, ReportFlags {}

interface Around {
  readonly flags: ResumeFlags;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** How plans ended, and whether that was told already. */
interface Resumed {
  readonly endings: readonly Ending[];
  readonly reporter: Reporter | undefined;
  readonly isTold: boolean;
}

export async function resume(reference: string | undefined, flags: ResumeFlags, terminal: Terminal): Promise<ExitCode> {
  if (!isSomewhere(flags)) return nothing(flags, terminal);
  using interruption = watchInterruption();
  const around = { flags, terminal, signal: interruption.signal };
  const { endings, reporter, isTold } = await withHolder(
    flags,
    (client) => resumeThere(client, reference, around),
    () => resumeHere(reference, around),
  );
  if (endings.length === 0) return nothing(flags, terminal);
  if (!isTold) for (const ending of endings) reporter?.ended(ending);
  return worstOf(endings.map(exitCodeOf));
}

function nothing(flags: ReportFlags, terminal: Terminal): ExitCode {
  terminal.out(flags.json === true ? JSON.stringify({ kind: "nothing-to-resume" }) : "nothing to resume");
  return EXIT.ok;
}

async function resumeThere(client: Client, reference: string | undefined, around: Around): Promise<Resumed> {
  const { flags, terminal, signal } = around;
  if (hasGrants(flags)) throw await asStoreLocked(client);
  const { plans } = await client.resume(reference === undefined ? {} : { plan: reference });
  if (plans.length === 0) return { endings: [], reporter: undefined, isTold: true };
  const reporter = await chooseReporter(flags, terminal, systemClock);
  const left = plans.flatMap(({ plan, name, because }): Ending[] =>
    because === undefined ? [] : [{ plan: planId.parse(plan), name, status: "cannot-run", error: because }],
  );
  const able = plans.filter(({ because }) => because === undefined);
  const going = await Promise.all(able.map(({ plan }) => watchedFromNow(client, plan)));
  const endings = [...left, ...(await watchPlans(client, going, { reporter, signal }))];
  return { endings, reporter, isTold: false };
}

/** The store is let go when this resolves. */
async function resumeHere(reference: string | undefined, { flags, terminal, signal }: Around): Promise<Resumed> {
  await using holder = await openHolder(flags, `resume ${reference ?? ""}`.trim(), {
    signal,
    tell: (line) => terminal.err(line),
  });
  const { engine, app } = holder;
  const plans = await interrupted(holder, reference, terminal);
  if (plans.length === 0) return { endings: [], reporter: undefined, isTold: true };
  const reporter = await chooseReporter(flags, terminal, systemClock);
  const followed = plans.map((it) => ({
    ...it,
    // One that is named is paused no more; of all, those that are paused stay so.
    begin: async () => {
      if (reference === undefined) return app.goOn(it.plan);
      const [going = {}] = await app.resume(it.plan, { actor: actorOf(), signal });
      return going;
    },
  }));
  const endings = await follow(engine, followed, { reporter, signal });
  const tell = (): void => endings.forEach((ending) => reporter.ended(ending));
  return { endings, reporter, isTold: await linger(engine, tell, { terminal, signal }) };
}

async function interrupted({ engine, app }: Holder, reference: string | undefined, terminal: Terminal) {
  if (reference !== undefined) return [await app.unended(reference)];
  for (const { plan } of engine.quarantined()) {
    terminal.err(`${plan} is quarantined and left alone; planwright doctor shows why`);
  }
  return engine.interrupted();
}
