import { chmodSync, existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { freePort } from "./free-port.ts";
import { keptBytes } from "./kept-bytes.ts";
import type { Peer } from "./peer.ts";
import { WorkerProcess } from "./worker-process.ts";

// The scratch folder of one peer, and what is opened over it: its server, where it has one, and its worker process.
//
// P1. A server stays while workers come and go; what was opened is closed in reverse order.
// P2. The folder can be passed through: a server may run as a user of its own.

const TRAVERSABLE = 0o711;

export interface Staffed extends AsyncDisposable {
  readonly worker: WorkerProcess;
  /** Every process of the peer, without what it started. */
  readonly pids: readonly number[];
  /** Another worker in the place of one that has ended, over the same store. */
  again(): Promise<WorkerProcess>;
  /** Closes worker and server as their users would. */
  close(): Promise<void>;
}

export class Workplace {
  readonly peer: Peer;
  readonly ledger: string;
  readonly #folder: string;
  readonly #file: string;
  readonly #program: string | undefined;
  readonly signal: AbortSignal;

  /** `program` is that of the peer's server. */
  constructor(peer: Peer, { scratch, folder, program, signal }: Place) {
    this.peer = peer;
    this.#folder = path.join(scratch, peer.name);
    this.#file = path.join(folder, peer.worker);
    this.#program = program;
    this.signal = signal;
    this.ledger = path.join(this.#folder, "ledger.jsonl");
    mkdirSync(this.#store, { recursive: true });
    for (const each of [scratch, this.#folder]) chmodSync(each, TRAVERSABLE);
  }

  get keptBytes(): number {
    return existsSync(this.#store) ? keptBytes(this.#store, this.peer.server?.leftOut ?? []) : 0;
  }

  async open(): Promise<Staffed> {
    await using opened = new AsyncDisposableStack();
    const { server } = this.peer;
    const running =
      server === undefined || this.#program === undefined
        ? undefined
        : opened.use(await server.start(this.#program, this.#store));
    const given = { folder: this.#store, address: running?.address ?? "", port: await freePort(), ledger: this.ledger };
    const place = { log: path.join(this.#folder, "worker.log"), signal: this.signal };
    const hire = (): Promise<WorkerProcess> => WorkerProcess.start(this.#file, given, place);
    const worker = opened.use(await hire());
    const closing = opened.move();
    return {
      worker,
      pids: [worker.pid, ...(running === undefined ? [] : [running.pid, ...(running.beside ?? [])])],
      again: async () => closing.use(await hire()),
      close: async () => {
        await worker.close();
        await closing.disposeAsync();
      },
      [Symbol.asyncDispose]: () => closing.disposeAsync(),
    };
  }

  get #store(): string {
    return path.join(this.#folder, "store");
  }
}

interface Place {
  /** Of the whole run. */
  readonly scratch: string;
  /** The peer's own folder with its worker. */
  readonly folder: string;
  readonly program: string | undefined;
  readonly signal: AbortSignal;
}
