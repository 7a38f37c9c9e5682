import type { PlanDefinition } from "#events/definition.ts";
import { isJsonObject, type JsonObject } from "#events/json.ts";
import type { PlanId } from "#events/ids.ts";
import type { Start } from "#src/api/application.ts";
import { checkSubmission } from "#src/api/submission.ts";
import { actorOf } from "#src/compose.ts";
import { exitCodeOf, type Ending } from "#src/cli/ending.ts";
import type { ExitCode } from "#src/cli/exit-code.ts";
import { follow } from "#src/cli/follow.ts";
import type { Grants } from "#src/cli/grants.ts";
import { openHolder, type Holder, type HolderFlags } from "#src/cli/holder.ts";
import { watchInterruption } from "#src/cli/interrupt.ts";
import { linger } from "#src/cli/linger.ts";
import { openTools } from "#src/cli/open-tools.ts";
import type { Read } from "#src/cli/plan-file.ts";
import { quietReporter } from "#src/cli/quiet-reporter.ts";
import { chooseReporter } from "#src/cli/reporter-choice.ts";
import type { Reporter, ReportFlags } from "#src/cli/reporter.ts";
import { printEnding } from "#src/cli/result-text.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { planLibrary } from "#src/language/called-plans.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";

// Plans that a command writes itself: one that it runs to its end for what that gives, and tells what came out in its own words; and one
// that it starts and leaves.

export interface OwnPlan {
  readonly name: string;
  /** In the language of plans. */
  readonly source: JsonObject;
  readonly inputs: JsonObject;
}

export interface OwnPlanFlags extends HolderFlags, ReportFlags {}

interface Opening {
  readonly flags: OwnPlanFlags;
  readonly grants: Grants;
  readonly terminal: Terminal;
}

/** Where a command runs plans of its own. */
export interface OwnAround {
  readonly holder: Holder;
  readonly tools: ToolRegistry;
  readonly flags: ReportFlags;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** The store is let go when this resolves. Faults: those of opening a store, and of what is done with it. */
export async function withOwnHolder<T>(
  command: string,
  { flags, grants, terminal }: Opening,
  use: (around: OwnAround) => Promise<T>,
): Promise<T> {
  using interruption = watchInterruption();
  const { signal } = interruption;
  const { configuration } = flags;
  const tell = (line: string): void => terminal.err(line);
  await using opened = await openTools(grants.tools, { configuration, tell, signal, store: flags });
  const { tools, sources, recorder } = opened;
  await using holder = await openHolder(flags, command, { grants, tools, sources, recorder, signal, tell });
  return await use({ holder, tools, flags, terminal, signal });
}

/** One plan, and nothing else. Faults: those of opening a store and of starting a plan. */
export async function runOwnPlan(own: OwnPlan, opening: Opening): Promise<Read<Ending>> {
  return withOwnHolder(own.name, opening, async (around) => {
    const ending = await followOwnPlan(own, around);
    const { holder, terminal, signal } = around;
    await linger(holder.engine, () => undefined, { terminal, signal });
    return ending;
  });
}

/** Followed to its end. Faults: those of starting a plan. */
export async function followOwnPlan(own: OwnPlan, around: OwnAround): Promise<Read<Ending>> {
  const { holder, flags, terminal, signal } = around;
  const asked = startOf(own, around);
  if (!asked.ok) return asked;
  const { plan, start } = asked.value;
  const begin = async () => {
    await holder.app.start(plan, start, { actor: actorOf(), signal });
    return {};
  };
  const { name } = own;
  const reporter = await reporterFor(flags, terminal);
  const [ending = { plan, name, status: "interrupted" as const }] = await follow(
    holder.engine,
    [{ plan, name, begin }],
    { reporter, signal },
  );
  return { ok: true, value: ending };
}

/** Recorded when this resolves; it goes on for as long as the store is held. Faults: those of starting a plan. */
export async function leaveOwnPlan(own: OwnPlan, around: OwnAround): Promise<Read<PlanId>> {
  const asked = startOf(own, around);
  if (!asked.ok) return asked;
  const { plan, start } = asked.value;
  await around.holder.app.start(plan, start, { actor: actorOf(), signal: around.signal });
  return { ok: true, value: plan };
}

/** How it ended, where it gave nothing that could be told. */
export function tellEnding(ending: Ending, flags: ReportFlags, terminal: Terminal): ExitCode {
  if (flags.json === true) terminal.out(JSON.stringify(ending));
  else printEnding(ending, terminal, flags);
  return exitCodeOf(ending);
}

/** What a plan gave that has succeeded. */
export function outputsOf({ status, outputs }: Ending): JsonObject | undefined {
  return status === "succeeded" && outputs !== undefined && isJsonObject(outputs) ? outputs : undefined;
}

interface Startable {
  readonly plan: PlanId;
  readonly start: Start;
}

function startOf({ name, source, inputs }: OwnPlan, { holder, tools }: OwnAround): Read<Startable> {
  const submission = { source, file: `${name}.plan.json`, format: "json" as const, inputs };
  const checked = checkSubmission(submission, { tools, library: planLibrary([]) });
  if (!checked.ok) return checked;
  const { definition }: { readonly definition: PlanDefinition } = checked;
  const start: Start = { definition, inputs: checked.inputs, key: undefined };
  return { ok: true, value: { plan: holder.app.idFor(start), start } };
}

/** What a command shows at its end says what came out: how it went is shown where somebody looks on, or asks for it. */
async function reporterFor(flags: ReportFlags, terminal: Terminal): Promise<Reporter> {
  const isShown = flags.json !== true && (flags.plain === true || terminal.isScreen);
  return isShown ? chooseReporter(flags, terminal, systemClock) : quietReporter(terminal);
}
