import { Fault } from "#events/fault.ts";
import type { Client, ReadingClient } from "#src/api/client.ts";
import { clientOf } from "#src/api/client.ts";
import { toolRegistry } from "#src/all-tools.ts";
import { actorOf, applicationOver, openEngine, openReader } from "#src/compose.ts";
import { hasStore, openStore } from "#src/open-store.ts";
import { grantAdmissions } from "#src/cli/admissions.ts";
import { grantsOf } from "#src/cli/grants.ts";
import { findServing, findServingToRead, type PlaceFlags } from "#src/cli/serving.ts";
import { sleep } from "#src/ports/clock.ts";
import { systemClock } from "#src/ports/system/clock.ts";

// How a command reaches the operations: of the process that holds the store, or of coordinators over NATS, where there are some;
// else of this process.
//
// C1. Reading needs no holder: one that does not answer is read beside.
// C2. Where nobody holds the store, what is asked is recorded here and starts nothing: what follows from it goes on with
//     `resume`, or with whoever holds the store next.
// C3. A holder that has just started names its socket a moment later; it is waited for. One that is just ending takes
//     nothing more; then the store is this process's, or the next holder's.

export interface StoreFlags extends PlaceFlags {
  readonly json?: boolean;
}

/** Runs a reading command. Fault: `store-missing`. */
export async function reading<T>(flags: StoreFlags, use: (client: ReadingClient) => Promise<T>): Promise<T> {
  await using serving = await findServingToRead(flags);
  try {
    if (serving !== undefined) return await use(serving.client);
  } catch (error) {
    // It ended meanwhile; the store is still there.
    if (!isGone(error)) throw error;
  }
  assertStore(flags);
  await using reader = await openReader(flags);
  return await use(reader.client);
}

/** Whether the process that was asked is not there any more, or just about to go. */
export function isGone(error: unknown): boolean {
  return Fault.is(error, "unreachable") || Fault.is(error, "stopping");
}

/** Runs a command that asks something of a plan. Faults: `store-missing`, `store-locked`, `nats-*`. */
export async function asking<T>(flags: StoreFlags, command: string, use: (client: Client) => Promise<T>): Promise<T> {
  return withHolder(flags, use, async () => {
    assertStore(flags);
    await using store = await openStore({ ...flags, command: `planwright ${command}` });
    const tools = toolRegistry();
    await using engine = await openEngine(store, { tools, slots: 0 });
    const { roles = {} } = flags.configuration?.settings ?? {};
    const admissions = grantAdmissions({ directory: store.directory, grants: grantsOf(flags), flags });
    const app = applicationOver({ store, engine, tools, admissions, runsPlans: false, roles });
    return await use(clientOf(app, actorOf()));
  });
}

/** How long after it took the store a holder may have named no socket yet. */
const STARTING_MS = 3_000;
/** How long a holder that takes nothing more may still hold the store: answers, tools and stores are closed then. */
const ENDING_MS = 10_000;
const PAUSE_MS = 100;
const NEVER = new AbortController().signal;

/** With whoever serves, or, where nobody does, with this process as `otherwise` makes it the holder. */
export async function withHolder<T>(
  flags: StoreFlags,
  use: (client: Client) => Promise<T>,
  otherwise: () => Promise<T>,
): Promise<T> {
  let endsUntil = -Infinity;
  for (;;) {
    await using serving = await findServing(flags);
    try {
      return await (serving === undefined ? otherwise() : use(serving.client));
    } catch (error) {
      const now = systemClock.monotonic();
      if (isEnding(error)) endsUntil = now + ENDING_MS;
      else if (!isStarting(error) && !(Fault.is(error, "store-locked") && now < endsUntil)) throw error;
      await sleep(systemClock, PAUSE_MS, NEVER);
    }
  }
}

/** Whether the process that was asked takes nothing more, and says so or is not to be found. */
function isEnding(error: unknown): boolean {
  return Fault.is(error, "stopping") || (Fault.is(error, "unreachable") && error.details["unheard"] === true);
}

/** Why a command that means this process cannot do what another one holds. */
export async function asStoreLocked(holder: Client): Promise<Fault> {
  const { store, pid, command, since } = await holder.status({});
  const who = `process ${pid} (${command})`;
  const message = `${store} is held by ${who}, with a root, tools and slots of its own: leave out --root, --tools, --slots and --allow-private-network, or end it`;
  return new Fault("store-locked", message, { retryable: true, details: { path: store, pid, command, since } });
}

function isStarting(error: unknown): boolean {
  if (!Fault.is(error, "store-locked")) return false;
  const { since } = error.details;
  return typeof since !== "number" || systemClock.now() - since < STARTING_MS;
}

function assertStore(flags: StoreFlags): void {
  if (hasStore(flags)) return;
  const where = flags.store ?? "this directory";
  throw new Fault("store-missing", `there is no store in ${where}; the first \`planwright run\` makes it`);
}
