import type { KurrentDBClient } from "@kurrent/kurrentdb-client";
import { Fault } from "#events/fault.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { StoreAddress } from "#src/store/kurrent/address.ts";
import { closedFault } from "#src/store/kurrent/faults.ts";

// The client of a server, made anew when it has to be, and a bound for every answer.
//
// C1. A client whose first read met a server that was down never reads again, and a frozen server is not noticed by a deadline: who
//     gets no answer renews the client. Appends that were under way on the old one are sent again by their senders.
// C2. The package is loaded when it is needed: it is an optional one, with a native part from its registry.
// C3. The bound is kept here and not by the client's deadline, which appends in batches and reads do not honour. Credentials of
//     an append go with the connection: its own would leave the batches, at half the speed. Those of a read go with the read: what
//     reads takes them from the URL as they are encoded there.
// C4. Without `dispose` the process would stay: whoever opens a connection closes it, and a client that is renewed is disposed of.

/**
 * How long an answer may take. A single node is silent for two to six seconds after its start, until it is its own leader. That a
 * cluster that changes its leader takes no longer is expected, not tried.
 */
const ANSWER_WITHIN_MS = 10_000;

export interface ConnectionOptions {
  readonly address: Pick<StoreAddress, "url" | "name" | "credentials">;
  readonly clock: Clock;
  readonly answerWithinMs?: number;
}

export class KurrentConnection implements AsyncDisposable {
  /** For messages: the URL without its user and password. */
  readonly server: string;
  /** Of reads: at the leader, and with user and password beside the URL (C3). */
  readonly asReader: { readonly requiresLeader: true; readonly credentials?: { username: string; password: string } };
  private readonly options: ConnectionOptions;
  private current: Promise<KurrentDBClient> | undefined;
  private isClosed = false;

  constructor(options: ConnectionOptions) {
    this.options = options;
    const { name, credentials } = options.address;
    this.server = name;
    this.asReader = { requiresLeader: true, ...(credentials === undefined ? {} : { credentials: { ...credentials } }) };
  }

  /** Faults: `store-client-missing`, `store-address-invalid`, `store-unavailable` when it was closed. */
  client(): Promise<KurrentDBClient> {
    if (this.isClosed) return Promise.reject(closedFault(this.server));
    this.current ??= this.open();
    return this.current;
  }

  /** Drops a client that did not answer; who comes next gets a new one. */
  renew(failed: KurrentDBClient): void {
    const { current } = this;
    void current?.then(
      (client) => {
        if (client === failed && this.current === current) this.current = undefined;
      },
      () => undefined,
    );
    void failed.dispose().catch(() => undefined);
  }

  /** The answer, or a rejection when it takes too long; then the client is renewed (C1). */
  async answered<T>(client: KurrentDBClient, answer: Promise<T>): Promise<T> {
    const { clock, answerWithinMs = ANSWER_WITHIN_MS } = this.options;
    const late = Promise.withResolvers<never>();
    const timer = clock.after(
      answerWithinMs,
      () => {
        this.renew(client);
        late.reject(new Error(`no answer within ${answerWithinMs} ms`));
      },
      { background: true },
    );
    try {
      return await Promise.race([answer, late.promise]);
    } finally {
      timer[Symbol.dispose]();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isClosed = true;
    const client = await this.current?.catch(() => undefined);
    await client?.dispose();
  }

  private async open(): Promise<KurrentDBClient> {
    const { KurrentDBClient: Client } = await loaded();
    const { url, name } = this.options.address;
    try {
      return Client.connectionString(url);
    } catch (error) {
      // Without its cause: the client's errors have the whole URL in them, with the password.
      const [why = ""] = messageOf(error).replaceAll(url, name).split("\n");
      throw new Fault("store-address-invalid", `the client takes ${name} for no address of a store: ${why}`);
    }
  }
}

async function loaded(): Promise<{ readonly KurrentDBClient: typeof KurrentDBClient }> {
  try {
    return await import("@kurrent/kurrentdb-client");
  } catch (cause) {
    throw new Fault(
      "store-client-missing",
      "the client of EventStoreDB and KurrentDB is not installed; run `npm install @kurrent/kurrentdb-client`",
      { cause },
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
