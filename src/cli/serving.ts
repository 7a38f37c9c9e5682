import { userInfo } from "node:os";
import { Fault } from "#events/fault.ts";
import type { Client } from "#src/api/client.ts";
import { findHolder } from "#src/compose.ts";
import type { NatsClient } from "#src/client/nats-client.ts";
import type { Configuration } from "#src/config/configuration.ts";
import { hasStore, type StoreOptions } from "#src/open-store.ts";
import { isStoreAddress } from "#src/ports/store-address.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import type { NatsSettings } from "#src/nats/settings.ts";

// Who answers a command instead of this process: the holder of the store on this machine, by its socket; or, where there is none and
// the configuration names NATS, the coordinators of the installation.
//
// S1. A store that was typed means that store: coordinators are asked for the one of the configuration only.
// S2. Whether there are coordinators is found out by asking. Where NATS itself is away nobody knows, and nothing is recorded past them
//     in a log that they share; what is only read is read beside them.

/** Whoever answers, until it is disposed of. */
export interface Serving extends AsyncDisposable {
  readonly client: Client;
}

export interface PlaceFlags extends Pick<StoreOptions, "store" | "local" | "nats"> {
  readonly configuration?: Configuration;
}

/** How long coordinators may take to say that they are there. */
const ANSWER_WITHIN_MS = 5_000;

/** Undefined where nobody serves. Faults: `nats-*`, where the log is shared and nobody can say. */
export async function findServing(flags: PlaceFlags): Promise<Serving | undefined> {
  const holder = await findHolder(flags);
  if (holder === undefined) return findCoordinators(flags);
  return { client: holder, [Symbol.asyncDispose]: async () => holder[Symbol.dispose]() };
}

/** The same for a command that only looks: where nobody can say, nobody serves. */
export async function findServingToRead(flags: PlaceFlags): Promise<Serving | undefined> {
  try {
    return await findServing(flags);
  } catch (error) {
    if (!isOfNats(error) || !hasStore(flags)) throw error;
    return undefined;
  }
}

/** What keeps a request until a coordinator is up; undefined where there is no NATS. Faults: `nats-*`. */
export async function findIntake(flags: PlaceFlags): Promise<NatsClient | undefined> {
  const settings = natsOf(flags);
  return settings === undefined ? undefined : connectedTo(settings);
}

/** Whether there is something that could answer: a store, or coordinators to be asked. */
export function isSomewhere(flags: PlaceFlags): boolean {
  return hasStore(flags) || natsOf(flags) !== undefined;
}

async function findCoordinators(flags: PlaceFlags): Promise<Serving | undefined> {
  const settings = natsOf(flags);
  if (settings === undefined) return undefined;
  try {
    await using opened = new AsyncDisposableStack();
    const client = opened.use(await connectedTo(settings));
    if (!(await answers(client))) return undefined;
    const closing = opened.move();
    return { client, [Symbol.asyncDispose]: () => closing.disposeAsync() };
  } catch (error) {
    // The lock of a folder says whether somebody has it; a server's log has none.
    if (isOfNats(error) && !isStoreAddress(flags.store ?? "") && hasStore(flags)) return undefined;
    throw error;
  }
}

async function connectedTo(settings: NatsSettings): Promise<NatsClient> {
  const { connectNats } = await import("#src/client/nats-client.ts");
  return connectNats({ ...settings, principal: principalOf(settings) });
}

async function answers(client: Client): Promise<boolean> {
  const late = new AbortController();
  const timer = systemClock.after(ANSWER_WITHIN_MS, () => late.abort(), { background: true });
  try {
    await client.status({}, { signal: late.signal });
    return true;
  } catch (error) {
    if (late.signal.aborted || Fault.is(error, "unreachable") || Fault.is(error, "stopping")) return false;
    throw error;
  } finally {
    timer[Symbol.dispose]();
  }
}

/** S1. */
function natsOf({ store, nats, configuration }: PlaceFlags): NatsSettings | undefined {
  return store === configuration?.settings.store ? nats : undefined;
}

/** Who asks: the user of NATS where it is named, else that of the operating system. */
function principalOf({ user }: NatsSettings): string {
  const name = typeof user === "string" ? user : userInfo().username;
  return name.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, MAX_PRINCIPAL_CHARS);
}

const MAX_PRINCIPAL_CHARS = 100;

function isOfNats(error: unknown): boolean {
  return isFault(error) && error.code.startsWith("nats-");
}

/** `instanceof` alone leaves the code's type open. */
function isFault(error: unknown): error is Fault {
  return error instanceof Fault;
}
