import type { PlanDefinition } from "#events/definition.ts";
import type { JsonObject } from "#events/json.ts";
import type { Engine } from "#src/api/engine.ts";
import { openEngine, openStore, toolRegistry, type OpenStore } from "#src/compose.ts";
import { exitCodeOf } from "#src/cli/ending.ts";
import type { ExitCode } from "#src/cli/exit-code.ts";
import { printWarnings, refuseFindings } from "#src/cli/findings.ts";
import { follow } from "#src/cli/follow.ts";
import { engineGrants, forgetGrants, grantsOf, recordGrants, type GrantFlags, type Grants } from "#src/cli/grants.ts";
import { watchInterruption } from "#src/cli/interrupt.ts";
import { commandLog } from "#src/cli/log.ts";
import { limitsFrom } from "#src/config/limits.ts";
import { readInputs, readPlan } from "#src/cli/plan-file.ts";
import { chooseReporter } from "#src/cli/reporter-choice.ts";
import type { ReportFlags } from "#src/cli/reporter.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { plural } from "#src/cli/text.ts";
import { loadTools } from "#src/cli/tool-modules.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";

// `run`: checks everything that can be checked, then starts a plan and follows it to its end.
// What an earlier process left unfinished is named and left alone: going on with it is for `resume`.

export interface RunFlags extends GrantFlags, ReportFlags {
  readonly input: readonly string[];
  readonly inputs?: string;
  readonly store?: string;
}

export async function run(file: string, flags: RunFlags, terminal: Terminal): Promise<ExitCode> {
  const grants = grantsOf(flags);
  const tools = toolRegistry(await loadTools(grants.tools));
  const { plans = [] } = flags.configuration?.settings ?? {};
  const read = await readPlan(file, { tools, plans, limits: limitsFrom(grants.declared) });
  if (!read.ok) return refuseFindings(read.findings, terminal, flags.json === true);
  const { definition, warnings } = read.value;
  const inputs = await readInputs(flags, definition);
  if (!inputs.ok) return refuseFindings(inputs.findings, terminal, flags.json === true);
  if (flags.json !== true) printWarnings(warnings, terminal);
  await using store = await openStore({ ...flags, command: `planwright run ${file}` });
  return await start({ definition, inputs: inputs.value, grants, tools, store }, flags, terminal);
}

interface Start {
  readonly definition: PlanDefinition;
  readonly inputs: JsonObject;
  readonly grants: Grants;
  readonly tools: ToolRegistry;
  readonly store: OpenStore;
}

async function start(it: Start, flags: ReportFlags, terminal: Terminal): Promise<ExitCode> {
  using interruption = watchInterruption();
  const { reporter, ending } = await started(it, interruption.signal, { flags, terminal });
  if (ending.status !== "interrupted" && ending.status !== "needs-person")
    forgetGrants(it.store.directory, ending.plan);
  reporter.ended(ending);
  return exitCodeOf(ending);
}

/** The engine is closed when this resolves: an ending is told when nothing runs any more. */
async function started(
  it: Start,
  signal: AbortSignal,
  { flags, terminal }: { flags: ReportFlags; terminal: Terminal },
) {
  const { definition, inputs, grants, tools, store } = it;
  const log = await commandLog();
  await using engine = await openEngine(store, { ...engineGrants(grants), tools, log });
  if (flags.json !== true) await nameInterrupted(engine, terminal);
  const plan = engine.newPlanId();
  await recordGrants(store.directory, plan, grants);
  const reporter = await chooseReporter(flags, terminal, systemClock);
  const begin = (): Promise<unknown> => engine.start(definition, inputs, plan);
  const [ending] = await follow(engine, [{ plan, name: definition.name, begin }], { reporter, signal });
  return { reporter, ending: ending ?? { plan, name: definition.name, status: "interrupted" as const } };
}

async function nameInterrupted(engine: Engine, terminal: Terminal): Promise<void> {
  const { length } = await engine.interrupted();
  if (length === 0) return;
  terminal.err(
    terminal.paint("dim", `${plural(length, "interrupted plan")} left as they are; go on by: planwright resume`, "err"),
  );
}
