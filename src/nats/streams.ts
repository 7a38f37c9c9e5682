import type {
  DiscardPolicy,
  JetStreamClient,
  JetStreamManager,
  RetentionPolicy,
  StorageType,
  StreamConfig,
  StreamInfo,
} from "@nats-io/jetstream";
import { Fault } from "#events/fault.ts";
import type { NatsConnection } from "#src/nats/connection.ts";
import { isJetStreamError, JETSTREAM, natsFault } from "#src/nats/faults.ts";
import { madeInTurn } from "#src/nats/making-in-turn.ts";
import { loadJetStream } from "#src/nats/packages.ts";

// Streams of JetStream, also those under buckets: made where they are missing, and never changed where they are there.
//
// T1. What a stream does with its messages (limits, ages, what may be deleted) decides whether what is built on it is right.
//     A stream with other settings, left by an older version or made by hand, is refused with what differs and what to do.
// T2. Replicas and placement are the operator's: they are used when a stream is made, and not compared.

/** How long the server has to answer what is asked about streams and what is published into them. */
export const ANSWER_WITHIN_MS = 2_000;

export interface StreamSettings {
  readonly name: string;
  readonly subjects: readonly string[];
  /** For people who list streams. */
  readonly description: string;
  /** Copies when it is made; 1 by default. */
  readonly replicas?: number;
  /** Beyond these each has what DEFAULTS says. */
  readonly limits?: Partial<ComparedSettings>;
}

interface ComparedSettings {
  readonly retention: RetentionPolicy;
  readonly storage: StorageType;
  readonly discard: DiscardPolicy;
  readonly max_msgs: number;
  readonly max_msgs_per_subject: number;
  readonly max_bytes: number;
  readonly max_msg_size: number;
  /** In ns. */
  readonly max_age: number;
  /** In ns. */
  readonly duplicate_window: number;
  readonly allow_rollup_hdrs: boolean;
  readonly sealed: boolean;
  readonly no_ack: boolean;
  readonly deny_delete: boolean;
  readonly deny_purge: boolean;
}

const DEFAULTS: ComparedSettings = {
  retention: "limits",
  storage: "file",
  discard: "new",
  max_msgs: -1,
  max_msgs_per_subject: -1,
  max_bytes: -1,
  max_msg_size: -1,
  max_age: 0,
  duplicate_window: 120_000_000_000,
  allow_rollup_hdrs: false,
  sealed: false,
  no_ack: false,
  deny_delete: false,
  deny_purge: false,
};

export interface OpenedStream {
  readonly info: StreamInfo;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
}

/** Made where it is missing. Faults: `nats-settings-differ`, and the retryable ones of `natsFault`. */
export async function openStream(connection: NatsConnection, settings: StreamSettings): Promise<OpenedStream> {
  return opening(connection, settings, async (manager) => {
    const { name } = settings;
    const ways = { there: () => there(manager, settings), make: () => made(manager, settings) };
    return checked(await madeInTurn(connection, { name, ...ways }), settings);
  });
}

/** Undefined where it is missing; nothing is made. Faults: as above. */
export async function openStreamIfThere(
  connection: NatsConnection,
  settings: StreamSettings,
): Promise<OpenedStream | undefined> {
  const { info, ...opened } = await opening(connection, settings, async (manager) => {
    const found = await there(manager, settings);
    return found && checked(found, settings);
  });
  return info && { ...opened, info };
}

async function opening<Info>(
  connection: NatsConnection,
  settings: StreamSettings,
  find: (manager: JetStreamManager) => Promise<Info>,
): Promise<Omit<OpenedStream, "info"> & { readonly info: Info }> {
  const { jetstream } = await loadJetStream();
  const client = jetstream(connection.client, { timeout: ANSWER_WITHIN_MS, checkAPI: false });
  try {
    const manager = await client.jetstreamManager();
    return { info: await find(manager), client, manager };
  } catch (error) {
    throw natsFault(error, connection.servers, `opening ${settings.name}`);
  }
}

async function there(manager: JetStreamManager, { name }: StreamSettings): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    if (isJetStreamError(error, JETSTREAM.streamNotFound)) return undefined;
    throw error;
  }
}

async function made(manager: JetStreamManager, settings: StreamSettings): Promise<StreamInfo> {
  const { name, subjects, description, replicas = 1, limits } = settings;
  const config = { ...DEFAULTS, ...limits, name, subjects: [...subjects], description, num_replicas: replicas };
  try {
    return await manager.streams.add(config);
  } catch (error) {
    // Another process was faster, with other settings.
    if (!isJetStreamError(error, JETSTREAM.nameInUse)) throw error;
    return manager.streams.info(settings.name);
  }
}

/** Fault: `nats-settings-differ`. */
function checked(info: StreamInfo, settings: StreamSettings): StreamInfo {
  assertSettings(info.config, settings);
  return info;
}

function assertSettings(config: StreamConfig, { name, subjects, limits }: StreamSettings): void {
  const there = new Map<string, unknown>(Object.entries(config));
  // The server leaves out what has no value.
  const defaults = new Map<string, unknown>(Object.entries(DEFAULTS));
  const differences = Object.entries({ ...DEFAULTS, ...limits })
    .filter(([key, wanted]) => (there.get(key) ?? defaults.get(key)) !== wanted)
    .map(([key, wanted]) => `${key} is ${String(there.get(key))} and has to be ${String(wanted)}`);
  if ([...config.subjects].sort().join(" ") !== [...subjects].sort().join(" ")) {
    differences.push(`subjects are ${config.subjects.join(", ")} and have to be ${subjects.join(", ")}`);
  }
  if (config.mirror !== undefined || (config.sources ?? []).length > 0) differences.push("it copies another stream");
  if (differences.length === 0) return;
  throw new Fault(
    "nats-settings-differ",
    `the stream ${name} has other settings than it needs: ${differences.join("; ")}. Nothing was changed. Set them by ` +
      `\`nats stream edit ${name}\`, or remove the stream if what it holds is not needed`,
    { details: { stream: name, differences } },
  );
}
