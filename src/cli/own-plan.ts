import path from "node:path";
import { Fault } from "#events/fault.ts";
import { isJsonObject, type JsonObject } from "#events/json.ts";
import { clientOf, type Client } from "#src/api/client.ts";
import type { Engine } from "#src/api/engine.ts";
import { actorOf } from "#src/compose.ts";
import { asStoreLocked, withHolder } from "#src/cli/connection.ts";
import { exitCodeOf, type Ending } from "#src/cli/ending.ts";
import type { ExitCode } from "#src/cli/exit-code.ts";
import { hasGrants, type Grants } from "#src/cli/grants.ts";
import { openHolder, type HolderFlags } from "#src/cli/holder.ts";
import { watchInterruption } from "#src/cli/interrupt.ts";
import { linger } from "#src/cli/linger.ts";
import type { Read } from "#src/cli/plan-file.ts";
import { quietReporter } from "#src/cli/quiet-reporter.ts";
import { chooseReporter } from "#src/cli/reporter-choice.ts";
import type { Reporter, ReportFlags } from "#src/cli/reporter.ts";
import { printEnding } from "#src/cli/result-text.ts";
import { submitted, type Submission } from "#src/cli/submitted.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { watchPlans } from "#src/cli/watching.ts";
import { systemClock } from "#src/ports/system/clock.ts";

// Plans that a command writes itself: one that it runs to its end for what that gives, and tells what came out in its own words; and one
// that it starts and leaves.
//
// O1. They run in the process that holds the store of this machine where there is one, with its root, tools and configuration; else in
//     this one. Coordinators of other machines are not asked: what a directory is, is for this machine to say.

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
  readonly client: Client;
  /** Absolute: the directory that their tools stay inside. */
  readonly root: string;
  readonly flags: ReportFlags;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** Where they run in this process. */
  readonly engine?: Engine;
}

/** A store that was opened here is let go when this resolves. Faults: `store-locked`, those of opening a store, and of what is done with it. */
export async function withOwnPlans<T>(
  command: string,
  opening: Opening,
  use: (around: OwnAround) => Promise<T>,
): Promise<T> {
  const { flags, terminal } = opening;
  using interruption = watchInterruption();
  const around = { flags, terminal, signal: interruption.signal };
  const { nats: _, ...ofThisMachine } = flags;
  return await withHolder(
    ofThisMachine,
    async (client) => {
      if (hasGrants(flags)) throw await asStoreLocked(client);
      const { root } = await client.status({});
      return use({ ...around, client, root });
    },
    () => usedHere(command, { ...opening, ...around }, use),
  );
}

async function usedHere<T>(
  command: string,
  { flags, grants, terminal, signal }: Opening & Pick<OwnAround, "signal">,
  use: (around: OwnAround) => Promise<T>,
): Promise<T> {
  const tell = (line: string): void => terminal.err(line);
  await using holder = await openHolder(flags, command, { grants, signal, tell });
  const { engine, app } = holder;
  const client = clientOf(app, actorOf());
  return await use({ client, root: grants.root, flags, terminal, signal, engine });
}

/** A directory as plans name it. Fault: `outside-root`. */
export function placeIn({ root }: Pick<OwnAround, "root">, directory: string): string {
  const name = path.relative(root, path.resolve(directory));
  if (name !== ".." && !name.startsWith(`..${path.sep}`) && !path.isAbsolute(name)) return name || ".";
  throw new Fault("outside-root", `${path.resolve(directory)} is not inside ${root}, where the tools have to stay`);
}

/** One plan, and nothing else. Faults: those of `withOwnPlans`, of `make`, and of starting a plan. */
export async function runOwnPlan(
  command: string,
  opening: Opening,
  make: (around: OwnAround) => OwnPlan,
): Promise<Read<Ending>> {
  return withOwnPlans(command, opening, async (around) => {
    const ending = await followOwnPlan(make(around), around);
    const { engine, terminal, signal } = around;
    if (engine !== undefined) await linger(engine, () => undefined, { terminal, signal });
    return ending;
  });
}

/** Followed to its end. Faults: those of starting a plan. */
export async function followOwnPlan(own: OwnPlan, around: OwnAround): Promise<Read<Ending>> {
  const { client, flags, terminal, signal, engine } = around;
  const begun = await submitted(client, submissionOf(own));
  if (!begun.ok) return begun;
  const { plan } = begun.value;
  const { name } = own;
  const reporter = await reporterFor(flags, terminal);
  using listening = new DisposableStack();
  listening.use(engine?.onTrouble((problem) => reporter.trouble(problem)));
  const [ending] = await watchPlans(client, [{ plan, name }], { reporter, signal });
  if (ending === undefined) throw new Error("a plan that was watched has an ending");
  // Here nobody lets it go on any more.
  const isLeft = engine !== undefined && ending.status === "detached";
  return { ok: true, value: isLeft ? { ...ending, status: "interrupted" } : ending };
}

/** Recorded when this resolves, with its id; it goes on for as long as the store is held. Faults: those of starting a plan. */
export async function leaveOwnPlan(own: OwnPlan, { client }: OwnAround): Promise<Read<string>> {
  const begun = await submitted(client, submissionOf(own));
  return begun.ok ? { ok: true, value: begun.value.plan } : begun;
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

function submissionOf({ name, source, inputs }: OwnPlan): Submission {
  return { source, file: `${name}.plan.json`, format: "json", inputs };
}

/** What a command shows at its end says what came out: how it went is shown where somebody looks on, or asks for it. */
async function reporterFor(flags: ReportFlags, terminal: Terminal): Promise<Reporter> {
  const isShown = flags.json !== true && (flags.plain === true || terminal.isScreen);
  return isShown ? chooseReporter(flags, terminal, systemClock) : quietReporter(terminal);
}
