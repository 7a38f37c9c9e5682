import type { Client } from "#src/api/client.ts";
import { isGone, reading, type StoreFlags } from "#src/cli/connection.ts";
import { exitCodeOf, type Ending } from "#src/cli/ending.ts";
import type { ExitCode } from "#src/cli/exit-code.ts";
import { watchInterruption } from "#src/cli/interrupt.ts";
import { chooseReporter } from "#src/cli/reporter-choice.ts";
import type { Reporter, ReportFlags } from "#src/cli/reporter.ts";
import { findServingToRead } from "#src/cli/serving.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { endingOfDetail, watchedFromNow, watchPlans, type Watched } from "#src/cli/watching.ts";
import { systemClock } from "#src/ports/system/clock.ts";

// `watch`: a plan that another process runs, as `run` shows it, with the same exit codes. Ctrl-C ends the watching and
// nothing else; so does the end of that process.

export interface WatchFlags extends StoreFlags, ReportFlags {
  /** Tells also what happened before. */
  readonly all?: boolean;
}

export async function watch(reference: string, flags: WatchFlags, terminal: Terminal): Promise<ExitCode> {
  using interruption = watchInterruption("the plan goes on");
  const { signal } = interruption;
  const reporter = await chooseReporter(flags, terminal, systemClock);
  const ending = await watched(reference, flags, { reporter, signal });
  reporter.ended(ending);
  return exitCodeOf(ending);
}

async function watched(
  reference: string,
  flags: WatchFlags,
  options: { readonly reporter: Reporter; readonly signal: AbortSignal },
): Promise<Ending> {
  await using serving = await findServingToRead(flags);
  const it = serving === undefined ? undefined : await runningThere(serving.client, reference);
  if (serving === undefined || it === undefined) {
    await options.reporter.close();
    return await left(reference, flags);
  }
  const [ending] = await watchPlans(serving.client, [flags.all === true ? { ...it, known: -1 } : it], options);
  if (ending !== undefined && ending.status !== "interrupted") return ending;
  return await left(reference, flags);
}

/** Undefined where the process that ran it has just ended. */
async function runningThere(holder: Client, reference: string): Promise<Watched | undefined> {
  try {
    return await watchedFromNow(holder, reference);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Of a plan that nobody runs: how it ended, or that it was left. */
async function left(reference: string, flags: StoreFlags): Promise<Ending> {
  return reading(flags, async (client) => {
    const detail = await client.get({ plan: reference });
    const ending = endingOfDetail(detail);
    return detail.settled ? ending : { plan: ending.plan, name: detail.name, status: "interrupted" };
  });
}
