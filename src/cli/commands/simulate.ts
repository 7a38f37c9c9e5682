import { Fault } from "#events/fault.ts";
import { isJsonObject, type JsonObject } from "#events/json.ts";
import { workshopOf } from "#src/compose.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { printWarnings, refuseFindings } from "#src/cli/findings.ts";
import { watchInterruption } from "#src/cli/interrupt.ts";
import { openTools } from "#src/cli/open-tools.ts";
import { readPlanWithInputs } from "#src/cli/plan-file.ts";
import {
  adviceLines,
  endText,
  plainTrial,
  survives,
  verdictDocument,
  verdictLines,
  type Verdict,
} from "#src/cli/simulation-report.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { plural, safeText } from "#src/cli/text.ts";
import type { Configuration } from "#src/config/configuration.ts";
import { limitsFrom } from "#src/config/limits.ts";
import { readSource } from "#src/plan-files/source-file.ts";
import { FAULT_KINDS, type FaultKind } from "#src/simulation/fault-kinds.ts";
import { standIns } from "#src/simulation/stand-in-tools.ts";
import { tryPlan, type Trial, type TrialOptions } from "#src/simulation/trial.ts";
import type { Tool } from "#src/tools/define.ts";
import { registry } from "#src/tools/registry.ts";

// `simulate`: which faults a plan does not survive, in virtual time. Tools are stand-ins, so that nothing outside is touched,
// unless real ones are asked for. A seed repeats a run exactly, as long as the plan and this program are the same.

export interface SimulateFlags {
  readonly tools?: readonly string[];
  readonly input: readonly string[];
  readonly inputs?: string;
  readonly script?: string;
  readonly seeds?: number;
  readonly seed?: number;
  readonly fault?: readonly string[];
  readonly real?: boolean;
  readonly root?: string;
  readonly allowPrivateNetwork?: boolean;
  readonly trace?: boolean;
  readonly json?: boolean;
  readonly configuration?: Configuration;
}

const DEFAULT_SEEDS = 20;

/** Faults: `bad-fault-kind`, `script-unreadable`, `script-and-real`. */
export async function simulate(file: string, flags: SimulateFlags, terminal: Terminal): Promise<ExitCode> {
  const kinds = kindsOf(flags.fault);
  const { configuration } = flags;
  const { plans = [], ...settings } = configuration?.settings ?? {};
  const tell = (line: string): void => terminal.err(line);
  await using opened = await openTools(flags.tools, { configuration, tell });
  const { tools } = opened;
  const limits = limitsFrom(settings);
  const read = await readPlanWithInputs(file, flags, { tools, plans, limits });
  if (!read.ok) return refuseFindings(read.findings, terminal, flags.json === true);
  const { definition, warnings, inputs } = read.value;
  if (flags.json !== true) printWarnings(warnings, terminal);
  using interruption = watchInterruption();
  const simulated = { definition, inputs, limits, ...toolsFor(tools.list(), flags) };
  return await new Simulation(simulated, { flags, terminal, signal: interruption.signal }).run(kinds);
}

type Simulated = Omit<TrialOptions, "kind" | "seed">;

/** Faults: `script-unreadable`, `script-and-real`. */
function toolsFor(tools: readonly Tool[], flags: SimulateFlags): Pick<Simulated, "tools" | "surroundings"> {
  const { real = false, script, root = ".", allowPrivateNetwork = false } = flags;
  if (!real) return { tools: standIns(tools, script === undefined ? {} : scriptIn(script)) };
  if (script !== undefined)
    throw new Fault("script-and-real", "--script says what stand-ins give, and --real wants none");
  return { tools, surroundings: workshopOf({ tools: registry(tools), root, allowPrivateNetwork }) };
}

interface Around {
  readonly flags: SimulateFlags;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

class Simulation {
  private readonly simulated: Simulated;
  private readonly around: Around;

  constructor(simulated: Simulated, around: Around) {
    this.simulated = simulated;
    this.around = around;
  }

  async run(kinds: readonly FaultKind[]): Promise<ExitCode> {
    const { flags, terminal, signal } = this.around;
    const calm = await this.trial(flags.seed ?? 1);
    if (calm.status !== "succeeded") return this.refuse(calm);
    const verdicts: Verdict[] = [];
    for (const kind of kinds) {
      const verdict = { kind, trials: await this.trials(kind) };
      if (signal.aborted) return EXIT.interrupted;
      verdicts.push(verdict);
      if (flags.json !== true) for (const line of verdictLines(verdict, terminal)) terminal.out(line);
    }
    this.conclude(verdicts);
    return verdicts.every(survives) ? EXIT.ok : EXIT.failed;
  }

  private async trials(kind: FaultKind): Promise<readonly Trial[]> {
    const { flags, signal } = this.around;
    const { seeds = flags.seed === undefined ? DEFAULT_SEEDS : 1, seed: first = 1 } = flags;
    const trials: Trial[] = [];
    for (let seed = first; seed < first + seeds && !signal.aborted; seed++) trials.push(await this.trial(seed, kind));
    return trials;
  }

  private async trial(seed: number, kind?: FaultKind): Promise<Trial> {
    const { flags, terminal } = this.around;
    const trial = await tryPlan({ ...this.simulated, seed, ...(kind === undefined ? {} : { kind }) });
    if (flags.trace === true && kind !== undefined) {
      terminal.err(`${kind.name}, seed ${seed}: ${endText(trial)}`);
      for (const line of trial.trace) terminal.err(safeText(line));
    }
    return trial;
  }

  private refuse(calm: Trial): ExitCode {
    const { flags, terminal } = this.around;
    const { name } = this.simulated.definition;
    if (flags.json === true) terminal.out(JSON.stringify({ plan: name, ok: false, calm: plainTrial(calm) }));
    terminal.err(`${name} does not succeed even where nothing goes wrong: it ${endText(calm)}`);
    terminal.err("  next: say what its tools give, by step or tool, in a file: --script FILE");
    return EXIT.failed;
  }

  private conclude(verdicts: readonly Verdict[]): void {
    const { flags, terminal } = this.around;
    const { name } = this.simulated.definition;
    if (flags.json === true) {
      const faults = verdicts.map(verdictDocument);
      terminal.out(JSON.stringify({ plan: name, ok: verdicts.every(survives), faults }));
      return;
    }
    const runs = verdicts.reduce((sum, { trials }) => sum + trials.length, 0);
    const how = flags.real === true ? "with its tools" : "with stand-ins for its tools";
    terminal.err(`${plural(runs, "run")} of ${name} in virtual time, ${how}`);
    for (const line of adviceLines(verdicts)) terminal.err(`  ${line}`);
  }
}

/** Fault: `bad-fault-kind`. */
function kindsOf(names: readonly string[] | undefined): readonly FaultKind[] {
  if (names === undefined) return FAULT_KINDS;
  return names.map((name) => {
    const kind = FAULT_KINDS.find((one) => one.name === name);
    if (kind !== undefined) return kind;
    const known = FAULT_KINDS.map((one) => one.name).join(", ");
    throw new Fault("bad-fault-kind", `there is no fault ${JSON.stringify(name)}; there are ${known}`);
  });
}

/** Fault: `script-unreadable`. */
function scriptIn(file: string): JsonObject {
  const parsed = readSource(file, "script-unreadable");
  const value = parsed.ok ? parsed.source.root.value : undefined;
  if (isJsonObject(value)) return value;
  throw new Fault("script-unreadable", `${file} is not a mapping of steps or tools to what they give`);
}
