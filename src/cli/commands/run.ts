import type { Engine } from "#src/api/engine.ts";
import { actorOf } from "#src/compose.ts";
import { exitCodeOf, type Ending } from "#src/cli/ending.ts";
import type { ExitCode } from "#src/cli/exit-code.ts";
import { printWarnings, refuseFindings } from "#src/cli/findings.ts";
import { follow } from "#src/cli/follow.ts";
import { grantsOf } from "#src/cli/grants.ts";
import { openHolder, type Holder, type HolderFlags } from "#src/cli/holder.ts";
import { watchInterruption } from "#src/cli/interrupt.ts";
import { limitsFrom } from "#src/config/limits.ts";
import { linger } from "#src/cli/linger.ts";
import { openTools } from "#src/cli/open-tools.ts";
import { readPlanWithInputs } from "#src/cli/plan-file.ts";
import { chooseReporter } from "#src/cli/reporter-choice.ts";
import type { Reporter, ReportFlags } from "#src/cli/reporter.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { plural } from "#src/cli/text.ts";
import type { Start } from "#src/api/application.ts";
import { systemClock } from "#src/ports/system/clock.ts";

// `run`: checks everything that can be checked, then starts a plan and follows it to its end.
// What an earlier process left unfinished is named and left alone: going on with it is for `resume`.

export interface RunFlags extends HolderFlags, ReportFlags {
  readonly input: readonly string[];
  readonly inputs?: string;
  readonly key?: string;
}

export async function run(file: string, flags: RunFlags, terminal: Terminal): Promise<ExitCode> {
  const grants = grantsOf(flags);
  using interruption = watchInterruption();
  const { signal } = interruption;
  const tell = (line: string): void => terminal.err(line);
  const { configuration } = flags;
  await using opened = await openTools(grants.tools, { configuration, tell, signal, store: flags });
  const { tools, sources, recorder } = opened;
  const { plans = [] } = flags.configuration?.settings ?? {};
  const read = await readPlanWithInputs(file, flags, { tools, plans, limits: limitsFrom(grants.declared) });
  if (!read.ok) return refuseFindings(read.findings, terminal, flags.json === true);
  const { definition, warnings, inputs } = read.value;
  if (flags.json !== true) printWarnings(warnings, terminal);
  const start = { definition, inputs, key: flags.key };
  const around = { flags, terminal, signal };
  const { reporter, ending, isTold } = await started(
    () => openHolder(flags, `run ${file}`, { grants, tools, sources, recorder, signal, tell }),
    start,
    around,
  );
  if (!isTold) reporter.ended(ending);
  return exitCodeOf(ending);
}

interface Around {
  readonly flags: ReportFlags;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

interface Ran {
  readonly reporter: Reporter;
  readonly ending: Ending;
  readonly isTold: boolean;
}

/** The store is let go when this resolves: an ending is told when nothing runs any more. */
async function started(open: () => Promise<Holder>, start: Start, { flags, terminal, signal }: Around): Promise<Ran> {
  await using holder = await open();
  const { engine, app } = holder;
  if (flags.json !== true) await nameInterrupted(engine, terminal);
  const plan = app.idFor(start);
  const { name } = start.definition;
  const reporter = await chooseReporter(flags, terminal, systemClock);
  const begin = async () => {
    await app.start(plan, start, { actor: actorOf(), signal });
    return {};
  };
  const [ending = { plan, name, status: "interrupted" as const }] = await follow(engine, [{ plan, name, begin }], {
    reporter,
    signal,
  });
  const tell = (): void => reporter.ended(ending);
  return { reporter, ending, isTold: await linger(engine, tell, { terminal, signal }) };
}

async function nameInterrupted(engine: Engine, terminal: Terminal): Promise<void> {
  const { length } = await engine.interrupted();
  if (length === 0) return;
  terminal.err(
    terminal.paint("dim", `${plural(length, "interrupted plan")} left as they are; go on by: planwright resume`, "err"),
  );
}
