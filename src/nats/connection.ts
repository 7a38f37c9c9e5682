import type {
  ConnectionOptions as ClientOptions,
  NatsConnection as Client,
  Status,
  Subscription,
} from "@nats-io/transport-node";
import { Fault } from "#events/fault.ts";
import { sleep, type Clock } from "#src/ports/clock.ts";
import type { Log } from "#src/ports/log.ts";
import { atTurnEnd } from "#src/ports/system/turn-end.ts";
import { authenticatorOf } from "#src/nats/credentials.ts";
import { closedFault, natsFault, textOf } from "#src/nats/faults.ts";
import { loadTransport } from "#src/nats/packages.ts";
import { DEFAULT_NAMESPACE, natsSettings, type NatsSettings } from "#src/nats/settings.ts";
import { inboxOf } from "#src/nats/subjects.ts";
import { tlsOf } from "#src/nats/tls.ts";

// One connection to NATS, for everything of a process that speaks over it.
//
// N1. Once it is there it comes back by itself, for as long as the process lives, also when the server refuses the credentials
//     meanwhile. What is published while it is away is lost: everything that matters is sent again by who sent it.
// N2. A server that stands still is noticed by its silence, within three times PING_MS.
// N3. The client reads on only if nothing throws in a callback of a subscription: `listen` sees to that.
// N4. Answers come to an inbox of this process's own, below the namespace: permissions can keep others from reading them.
// N5. What a turn of the event loop publishes goes in one write: after all microtasks, where the client would write after the first.
// N6. A process may be stopped before that write, for longer than a lease: what only an owner may say is asked about once more.

/** Oldest server whose features are all here. */
const OLDEST = { major: 2, minor: 9 };

const CONNECT_WITHIN_MS = 5_000;
const PING_MS = 2_000;
const UNANSWERED_PINGS = 2;
const RECONNECT_EVERY_MS = 250;
const JITTER_MS = 100;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
/** Where the server has not said it yet, its default. */
const DEFAULT_MAX_PAYLOAD_BYTES = 1024 * 1024;

export interface NatsOptions {
  readonly settings: NatsSettings;
  /** Who this is among all that connect, such as `executor-…`: `[A-Za-z0-9_-]+`. Shown by the server, and part of the inbox. */
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
}

export interface NatsMessage {
  readonly subject: string;
  readonly reply?: string;
  readonly data: Uint8Array;
  header(name: string): string | undefined;
}

interface PublishOptions {
  readonly reply?: string;
  /** Asked again right before the write (N6). Default: it is wanted. */
  readonly isWanted?: () => boolean;
}

interface Outgoing {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly options: PublishOptions;
}

interface Listening {
  readonly handler: (message: NatsMessage) => void;
  /** Of all that listen with the same word here, one gets a message. */
  readonly queue?: string;
}

/** One attempt. Faults: `nats-client-missing`, `nats-address-invalid`, `nats-credentials-invalid`, and the retryable ones of `natsFault`. */
export async function connectNats(options: NatsOptions): Promise<NatsConnection> {
  const servers = serversOf(options.settings);
  const client = await dialled(await clientOptions(options), servers);
  const tooOld = versionFault(client.info?.version ?? "", servers);
  if (tooOld !== undefined) {
    await client.close();
    throw tooOld;
  }
  return new NatsConnection(client, options);
}

async function dialled(options: ClientOptions, servers: string): Promise<Client> {
  const { connect } = await loadTransport();
  try {
    return await connect(options);
  } catch (error) {
    throw natsFault(error, servers, "connecting");
  }
}

/** Tries until the server lets it in, with a line in the log for each kind of obstacle. Faults: those that are not retryable. */
export function connectNatsPatiently(options: NatsOptions, signal: AbortSignal): Promise<NatsConnection> {
  const servers = serversOf(options.settings);
  return patiently(() => connectNats(options), { ...options, servers, doing: "connecting", signal });
}

interface Patience extends Pick<NatsOptions, "clock" | "log"> {
  readonly servers: string;
  /** For messages. */
  readonly doing: string;
  readonly signal: AbortSignal;
  /** Codes of faults that somebody has to mend, and that are waited for all the same. */
  readonly waitsFor?: readonly string[];
}

/** Tries until it goes well, with a line in the log for each kind of obstacle. Faults: those that are not retryable; the signal's reason. */
export async function patiently<T>(attempt: () => Promise<T>, { servers, doing, ...around }: Patience): Promise<T> {
  const { clock, log, signal, waitsFor = [] } = around;
  let said = "";
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      const fault = natsFault(error, servers, doing);
      if (!fault.retryable && !waitsFor.includes(fault.code)) throw fault;
      if (fault.code !== said) log.warn(`${fault.message}; trying again`, { code: fault.code });
      said = fault.code;
    }
    await sleep(clock, waitMs, signal);
  }
}

export class NatsConnection implements AsyncDisposable {
  readonly client: Client;
  readonly namespace: string;
  /** For messages. */
  readonly servers: string;
  readonly log: Log;
  readonly clock: Clock;
  #maxPayloadBytes = DEFAULT_MAX_PAYLOAD_BYTES;
  #isConnected = true;
  readonly #returning = new Set<() => void>();
  #outgoing: Outgoing[] = [];
  readonly #last: (() => void)[] = [];
  #isSending = false;

  constructor(client: Client, options: NatsOptions) {
    this.client = client;
    this.log = options.log;
    this.clock = options.clock;
    this.namespace = namespaceOf(options.settings);
    this.servers = serversOf(options.settings);
    void this.#follow();
  }

  /** Of the connection as it is, or was last. */
  get maxPayloadBytes(): number {
    // The client forgets what the server said while it is away.
    this.#maxPayloadBytes = this.client.info?.max_payload ?? this.#maxPayloadBytes;
    return this.#maxPayloadBytes;
  }

  get isConnected(): boolean {
    return this.#isConnected && !this.client.isClosed();
  }

  /** Calls back whenever the connection has come back. */
  onReturn(callback: () => void): Disposable {
    this.#returning.add(callback);
    return { [Symbol.dispose]: () => this.#returning.delete(callback) };
  }

  /** Publishes if it can: what cannot be sent now is lost (N1). Its size is the caller's to see to. */
  publish(subject: string, data: Uint8Array, options: PublishOptions = {}): void {
    if (!this.isConnected) return;
    this.#outgoing.push({ subject, data, options });
    this.#sendSoon();
  }

  /** Calls back once this turn of the event loop has nothing more to say, and before any of it is sent. */
  beforeSending(callback: () => void): void {
    this.#last.push(callback);
    this.#sendSoon();
  }

  /** Until it is disposed of, also across reconnects. A handler that throws harms nobody else. */
  listen(subject: string, { handler, queue }: Listening): Disposable {
    if (this.client.isClosed()) throw closedFault(this.servers);
    const callback = (error: Error | null, message: IncomingMessage): void => {
      // The server's refusal; it is logged where the connection is followed.
      if (error !== null) return;
      try {
        handler(messageOf(message));
      } catch (failure) {
        this.log.error("a handler of messages failed", { subject: message.subject, error: failure });
      }
    };
    const subscribe = (): Subscription =>
      this.client.subscribe(subject, queue === undefined ? { callback } : { callback, queue });
    let subscription = subscribe();
    // A subscription that the server refused is closed; what it is allowed may have changed since.
    const returning = this.onReturn(() => {
      if (subscription.isClosed()) subscription = subscribe();
    });
    return {
      [Symbol.dispose]: () => {
        returning[Symbol.dispose]();
        if (!subscription.isClosed()) subscription.unsubscribe();
      },
    };
  }

  /** Resolves when the server has everything that was published so far. Faults: `nats-unavailable`. */
  async flush(): Promise<void> {
    this.#sendOutgoing();
    await this.client.flush().catch((error: unknown) => {
      throw natsFault(error, this.servers, "flushing");
    });
  }

  /** Sends what is under way, and ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.client.isClosed()) return;
    if (this.isConnected) await this.flush().catch(() => undefined);
    await this.client.close();
  }

  /** N5. */
  #sendSoon(): void {
    if (this.#isSending) return;
    this.#isSending = true;
    atTurnEnd(() => this.#sendOutgoing());
  }

  #sendOutgoing(): void {
    this.#isSending = false;
    for (const callback of this.#last.splice(0)) {
      try {
        callback();
      } catch (error) {
        this.log.error("a message could not be made", { error });
      }
    }
    const all = this.#outgoing;
    this.#outgoing = [];
    for (const { subject, data, options } of all) {
      try {
        const { isWanted, ...said } = options;
        if (this.isConnected && isWanted?.() !== false) this.client.publish(subject, data, said);
      } catch (error) {
        this.log.warn("a message could not be published", { subject, error: textOf(error) });
      }
    }
  }

  async #follow(): Promise<void> {
    for await (const status of this.client.status()) this.#on(status);
  }

  #on(status: Status): void {
    const { log, servers } = this;
    if (status.type === "disconnect") {
      if (this.#isConnected && !this.client.isClosed())
        log.warn(`the connection to ${servers} broke; trying to return`);
      this.#isConnected = false;
    } else if (status.type === "reconnect") {
      this.#isConnected = true;
      log.info(`connected to ${servers} again`);
      for (const callback of this.#returning) callback();
    } else if (status.type === "error") {
      const fault = natsFault(status.error, servers, "connected");
      log.warn(fault.message, { code: fault.code });
    }
  }
}

interface IncomingMessage {
  readonly subject: string;
  readonly reply?: string;
  readonly data: Uint8Array;
  readonly headers?: { get(name: string): string; has(name: string): boolean };
}

function messageOf({ subject, reply, data, headers }: IncomingMessage): NatsMessage {
  return {
    subject,
    ...(reply === undefined || reply === "" ? {} : { reply }),
    data,
    header: (name) => (headers?.has(name) === true ? headers.get(name) : undefined),
  };
}

async function clientOptions({ settings, name, log }: NatsOptions): Promise<ClientOptions> {
  const checked = natsSettings.safeParse(settings);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw new Fault("nats-address-invalid", `the settings of NATS: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  const authenticator = await authenticatorOf(settings, log);
  const tls = tlsOf(settings);
  return {
    servers: [...settings.servers],
    name,
    inboxPrefix: inboxOf(namespaceOf(settings), name),
    timeout: CONNECT_WITHIN_MS,
    pingInterval: PING_MS,
    maxPingOut: UNANSWERED_PINGS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_EVERY_MS,
    reconnectJitter: JITTER_MS,
    reconnectJitterTLS: JITTER_MS,
    ignoreAuthErrorAbort: true,
    ...(authenticator === undefined ? {} : { authenticator }),
    ...(tls === undefined ? {} : { tls }),
  };
}

function versionFault(version: string, servers: string): Fault<"nats-server-too-old"> | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isEnough = major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor);
  if (isEnough) return undefined;
  return new Fault(
    "nats-server-too-old",
    `${servers} runs version ${version}; ${OLDEST.major}.${OLDEST.minor} or later is needed`,
    { details: { servers, version } },
  );
}

function serversOf({ servers }: NatsSettings): string {
  return servers.map((server) => server.replace(/^(\w+:\/\/)[^@/]*@/, "$1")).join(", ");
}

function namespaceOf({ namespace = DEFAULT_NAMESPACE }: NatsSettings): string {
  return namespace;
}
