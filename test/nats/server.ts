import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { SILENT, type Log } from "#src/ports/log.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { connectNats, type NatsConnection } from "#src/nats/connection.ts";
import type { NatsSettings } from "#src/nats/settings.ts";
import { temporaryFolder, type TemporaryFolder } from "../store/folder.ts";

// A real nats-server on a free loopback port, with its store in a temporary folder. It may be stopped and started again on the
// same port with what it has stored.

/** Whether nats-server is installed here. */
export const hasNats = spawnSync("nats-server", ["--version"]).status === 0;

export interface NatsServerOptions {
  /** Lines of its configuration besides the port and the store. */
  readonly config?: string;
  /** False for a server without JetStream. */
  readonly jetstream?: boolean;
  /** In a process group of its own: Ctrl-C in a terminal does not reach it. */
  readonly isApart?: boolean;
}

export class NatsServer implements AsyncDisposable {
  readonly port: number;
  readonly folder: TemporaryFolder;
  #process: ChildProcess | undefined;
  readonly #isApart: boolean;
  #config = "";

  private constructor(port: number, folder: TemporaryFolder, isApart: boolean) {
    this.port = port;
    this.folder = folder;
    this.#isApart = isApart;
  }

  static async start(options: NatsServerOptions = {}): Promise<NatsServer> {
    const server = new NatsServer(await freePort(), await temporaryFolder(), options.isApart ?? false);
    await server.configure(options);
    await server.begin();
    return server;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** What the next start, or `reload`, makes of it. */
  async configure({ config = "", jetstream = true }: NatsServerOptions): Promise<void> {
    this.#config = path.join(this.folder.path, "nats.conf");
    const store = jetstream ? `jetstream { store_dir: "${path.join(this.folder.path, "store")}" }` : "";
    await writeFile(this.#config, `listen: "127.0.0.1:${this.port}"\n${store}\n${config}\n`);
  }

  /** Does nothing where it runs. */
  async begin(): Promise<void> {
    if (this.#process !== undefined) return;
    const started = spawn("nats-server", ["-c", this.#config], {
      stdio: ["ignore", "ignore", "pipe"],
      detached: this.#isApart,
    });
    this.#process = started;
    let said = "";
    await new Promise<void>((resolve, reject) => {
      started.stderr.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes("Server is ready")) resolve();
      });
      started.once("exit", (code) => reject(new Error(`nats-server ended with ${code}: ${said}`)));
    });
  }

  /** Reads the configuration again. */
  reload(): void {
    this.#process?.kill("SIGHUP");
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#process?.kill(signal);
  }

  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const ended = this.#process;
    this.#process = undefined;
    if (ended?.exitCode !== null || ended.signalCode !== null) return;
    const exit = once(ended, "exit");
    ended.kill(signal);
    await exit;
  }

  connect({ name = "test", log = SILENT, ...settings }: ConnectAs = {}): Promise<NatsConnection> {
    return connectNats({ settings: { servers: [this.url], ...settings }, name, clock: systemClock, log });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGCONT");
    await this.stop();
    await this.folder[Symbol.asyncDispose]();
  }
}

interface ConnectAs extends Partial<NatsSettings> {
  readonly name?: string;
  readonly log?: Log;
}

async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  return port;
}
