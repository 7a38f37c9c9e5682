import { Fault } from "#events/fault.ts";
import type { PlanId } from "#events/ids.ts";
import { isEnded, planStateOf } from "#machines/state.ts";
import type { Engine } from "#src/api/engine.ts";
import { missingTools } from "#src/api/missing-tools.ts";
import { hasStore, openEngine, openStore, toolRegistry, type OpenStore } from "#src/compose.ts";
import { isOver, exitCodeOf, type Ending } from "#src/cli/ending.ts";
import { EXIT, worstOf, type ExitCode } from "#src/cli/exit-code.ts";
import { follow } from "#src/cli/follow.ts";
import {
  engineGrants,
  forgetGrants,
  forgetOrphans,
  grantsOf,
  readGrants,
  type GrantFlags,
  type Grants,
} from "#src/cli/grants.ts";
import { watchInterruption } from "#src/cli/interrupt.ts";
import { commandLog } from "#src/cli/log.ts";
import { chooseReporter } from "#src/cli/reporter-choice.ts";
import type { Reporter, ReportFlags } from "#src/cli/reporter.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { loadTools } from "#src/cli/tool-modules.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";

// `resume`: takes up what a crash, a Ctrl-C or an answered outcome left, and follows it to the end. Plans that were started
// with different grants take turns.

export interface ResumeFlags extends GrantFlags, ReportFlags {
  readonly store?: string;
}

export async function resume(reference: string | undefined, flags: ResumeFlags, terminal: Terminal): Promise<ExitCode> {
  if (!hasStore(flags)) return nothing(flags, terminal);
  await using store = await openStore({ ...flags, command: `planwright resume ${reference ?? ""}`.trim() });
  const found = await findPlans(store, reference, terminal);
  if (found.length === 0) return nothing(flags, terminal);
  using interruption = watchInterruption();
  const endings: Ending[] = [];
  for (const group of grouped(found, store, flags)) {
    if (interruption.signal.aborted)
      endings.push(...group.plans.map((it) => ({ ...it, status: "interrupted" as const })));
    else endings.push(...(await resumeGroup(group, { store, signal: interruption.signal, flags, terminal })));
  }
  return worstOf(endings.map(exitCodeOf));
}

interface Interrupted {
  readonly plan: PlanId;
  readonly name: string;
}

interface Group {
  readonly grants: Grants;
  readonly plans: readonly Interrupted[];
}

interface Surroundings {
  readonly store: OpenStore;
  readonly signal: AbortSignal;
  readonly flags: ReportFlags;
  readonly terminal: Terminal;
}

function nothing(flags: ReportFlags, terminal: Terminal): ExitCode {
  terminal.out(flags.json === true ? JSON.stringify({ kind: "nothing-to-resume" }) : "nothing to resume");
  return EXIT.ok;
}

async function findPlans(
  store: OpenStore,
  reference: string | undefined,
  terminal: Terminal,
): Promise<readonly Interrupted[]> {
  await using engine = await openEngine(store, { tools: toolRegistry(), slots: 0 });
  if (reference !== undefined) return await findOne(engine, reference);
  for (const { plan } of engine.quarantined()) {
    terminal.err(`${plan} is quarantined and left alone; planwright doctor shows why`);
  }
  const interrupted = await engine.interrupted();
  const live = await engine.plans.list({ tag: "live", limit: Infinity });
  forgetOrphans(store.directory, new Set(live.map(({ plan }) => plan)));
  return interrupted;
}

async function findOne(engine: Engine, reference: string): Promise<readonly Interrupted[]> {
  const plan = await engine.plans.find(reference);
  const quarantined = engine.quarantined().find((it) => it.plan === plan);
  if (quarantined !== undefined)
    throw new Fault("plan-quarantined", `plan ${plan} is quarantined: ${quarantined.message}`);
  const state = await engine.plans.state(plan);
  if (isEnded(state)) throw new Fault("plan-ended", `plan ${plan} has already ${planStateOf(state)}`);
  return [{ plan, name: state.header.context.name }];
}

/** Plans with the same grants go on together. */
function grouped(plans: readonly Interrupted[], store: OpenStore, flags: GrantFlags): readonly Group[] {
  const groups = new Map<string, { grants: Grants; plans: Interrupted[] }>();
  for (const it of plans) {
    const grants = grantsOf(flags, readGrants(store.directory, it.plan));
    const key = JSON.stringify(grants);
    const group = groups.get(key) ?? { grants, plans: [] };
    group.plans.push({ plan: it.plan, name: it.name });
    groups.set(key, group);
  }
  return [...groups.values()];
}

async function resumeGroup({ grants, plans }: Group, around: Surroundings): Promise<readonly Ending[]> {
  const { store, terminal, flags } = around;
  const tools = toolRegistry(await loadTools(grants.tools));
  const { endings, reporter } = await followed(plans, { ...around, grants, tools });
  for (const ending of endings) {
    if (isOver(ending.status)) {
      forgetGrants(store.directory, ending.plan);
    }
    reporter.ended(ending);
    if (ending.status === "cannot-run" && flags.json !== true) terminal.err("  next: planwright resume --tools MODULE");
  }
  return endings;
}

/** The engine is closed when this resolves. */
async function followed(
  plans: readonly Interrupted[],
  around: Surroundings & { readonly grants: Grants; readonly tools: ToolRegistry },
): Promise<{ endings: readonly Ending[]; reporter: Reporter }> {
  const { store, signal, flags, terminal, grants, tools } = around;
  const log = await commandLog();
  await using engine = await openEngine(store, { ...engineGrants(grants), tools, log });
  const endings: Ending[] = [];
  const able: Interrupted[] = [];
  for (const it of plans) {
    const lacking = await lackingFor(engine, it, tools);
    if (lacking === undefined) able.push(it);
    else endings.push(lacking);
  }
  const reporter = await chooseReporter(flags, terminal, systemClock);
  const begun = able.map((it) => ({ ...it, begin: async () => engine.resume(it.plan) }));
  endings.push(...(await follow(engine, begun, { reporter, signal })));
  return { endings, reporter };
}

/** A plan whose tools are not all here is left as it is: without them its steps would fail for good. */
async function lackingFor(engine: Engine, it: Interrupted, tools: ToolRegistry): Promise<Ending | undefined> {
  try {
    const missing = missingTools(await engine.plans.state(it.plan), tools);
    if (missing.length === 0) return undefined;
    const message = `this process has no tool ${missing.join(", ")}`;
    return { plan: it.plan, name: it.name, status: "cannot-run", error: { code: "unknown-tool", message } };
  } catch (error) {
    // What cannot be read is for the engine to find out, and to put into quarantine.
    if (Fault.is(error, "plan-unreadable")) return undefined;
    throw error;
  }
}
