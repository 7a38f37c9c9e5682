import { Fault } from "#events/fault.ts";
import type { Client } from "#src/api/client.ts";
import { hasStore, storeHolder } from "#src/open-store.ts";
import { calledSources } from "#src/cli/called-sources.ts";
import type { StoreFlags } from "#src/cli/connection.ts";
import { exitCodeOf } from "#src/cli/ending.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { printWarnings, refuseFindings } from "#src/cli/findings.ts";
import { watchInterruption } from "#src/cli/interrupt.ts";
import { givenInputs, type GivenInputs, type Read } from "#src/cli/plan-file.ts";
import { chooseReporter } from "#src/cli/reporter-choice.ts";
import type { ReportFlags } from "#src/cli/reporter.ts";
import { findIntake, findServing } from "#src/cli/serving.ts";
import { orFindings, submitted, type Submission } from "#src/cli/submitted.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { watchPlans } from "#src/cli/watching.ts";
import { readWrittenPlans } from "#src/cli/written-plans.ts";
import { systemClock } from "#src/ports/system/clock.ts";

// `submit`: hands a plan to the process that holds the store, or to coordinators over NATS, with the plans that it calls. It is
// checked there, against the tools there. Where no coordinator is up it waits in the intake for one.

export interface SubmitFlags extends StoreFlags, ReportFlags, GivenInputs {
  readonly key?: string;
  /** Follows it to its end. */
  readonly watch?: boolean;
}

/** Faults: `nobody-serves`, `store-locked`, `client-key-conflict`, and those of the plan file. */
export async function submit(file: string, flags: SubmitFlags, terminal: Terminal): Promise<ExitCode> {
  const json = flags.json === true;
  const submission = await submissionOf(file, flags);
  if (!submission.ok) return refuseFindings(submission.findings, terminal, json);
  await using serving = await findServing(flags);
  if (serving === undefined) return await leave(submission.value, { flags, terminal });
  return await handOver(serving.client, submission.value, { flags, terminal });
}

interface Asked {
  readonly flags: SubmitFlags;
  readonly terminal: Terminal;
}

/** Nobody serves: the intake keeps it. Faults: `nobody-serves`, `store-locked`, and what the request is refused for. */
async function leave(submission: Submission, { flags, terminal }: Asked): Promise<ExitCode> {
  const holder = hasStore(flags) ? await storeHolder(flags) : undefined;
  // It is just starting, or was stopped.
  if (holder !== undefined)
    throw new Fault("store-locked", `the store is held by ${holder}, which does not answer`, { retryable: true });
  await using intake = await findIntake(flags);
  if (intake === undefined) throw new Fault("nobody-serves", "no process holds the store and could take the plan");
  const published = await intake.publish(submission);
  const { plan, key } = published;
  if (flags.watch !== true) {
    terminal.out(flags.json === true ? JSON.stringify({ plan, attached: false, waits: true }) : plan);
    if (flags.json !== true) terminal.err(`${WAITS}; look by: planwright watch ${plan}`);
    return EXIT.ok;
  }
  terminal.err(`${WAITS}; so does this command`);
  using interruption = watchInterruption("the request waits on");
  try {
    const begun = await orFindings(() => intake.begun(published, { signal: interruption.signal }));
    if (!begun.ok) return refuseFindings(begun.findings, terminal, flags.json === true);
  } catch (error) {
    if (interruption.signal.aborted) return EXIT.interrupted;
    throw error;
  }
  return await handOver(intake, { ...submission, key }, { flags, terminal });
}

const WAITS = "no coordinator is up, and the request waits for the next one";

async function submissionOf(file: string, flags: SubmitFlags): Promise<Read<Submission>> {
  const written = await readWrittenPlans(file);
  if (!written.ok) return written;
  const { source } = written;
  const given = givenInputs(flags);
  if (!given.ok) return given;
  const plans = calledSources(written, flags.configuration?.settings.plans ?? []);
  const { key } = flags;
  return {
    ok: true,
    value: {
      ...{ source: source.text, file: source.file, ...given.value },
      plans: plans.map((one) => ({ source: one.text, file: one.file })),
      ...(key === undefined ? {} : { key }),
    },
  };
}

async function handOver(holder: Client, submission: Submission, { flags, terminal }: Asked): Promise<ExitCode> {
  const json = flags.json === true;
  const begun = await submitted(holder, submission);
  if (!begun.ok) return refuseFindings(begun.findings, terminal, json);
  const { plan, attached, warnings } = begun.value;
  if (!json) printWarnings(warnings, terminal);
  if (flags.watch !== true) {
    terminal.out(json ? JSON.stringify({ plan, attached }) : plan);
    if (!json) terminal.err(`${attached ? "attached" : "started"}; look by: planwright watch ${plan}`);
    return EXIT.ok;
  }
  using interruption = watchInterruption("the plan goes on");
  const { name } = await holder.get({ plan });
  const reporter = await chooseReporter(flags, terminal, systemClock);
  const [ending] = await watchPlans(holder, [{ plan, name }], { reporter, signal: interruption.signal });
  if (ending === undefined) return EXIT.ok;
  reporter.ended(ending);
  return exitCodeOf(ending);
}
