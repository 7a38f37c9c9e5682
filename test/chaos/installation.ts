import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Fact } from "../../examples/distributed/tour/facts.ts";
import { Program } from "../crash/program.ts";
import { execute } from "../e2e/command.ts";
import { NatsServer } from "../nats/server.ts";
import { temporaryFolder, type TemporaryFolder } from "../store/folder.ts";
import { Member, type Role } from "./member.ts";

// Processes that share plans: nats-server, a log that all coordinators reach, coordinators, executors. Each has a folder of its own; the
// ledger in which tools write what they do, and the files that they may touch, are beside those.
//
// I1. Whatever was started is ended, by its id, however the run ends.

export interface InstallationOptions {
  readonly coordinators: number;
  readonly executors: number;
  /** Of each executor. */
  readonly slots: number;
  /** URL of the server that keeps the log; default: the stand-in as a process. */
  readonly server?: string | undefined;
  /** The program that `npm run build` has made, instead of the sources. */
  readonly isBuilt?: boolean;
  /** More environment of a member's processes. */
  readonly envOf?: (name: string) => Readonly<Record<string, string>>;
  readonly onFact: (fact: Fact, by: Member) => void;
}

const TOOLS = fileURLToPath(new URL("../crash/load/effects.tools.ts", import.meta.url));
const LOG_SERVER = fileURLToPath(new URL("log-server.ts", import.meta.url));

export class Installation implements AsyncDisposable {
  readonly members: readonly Member[];
  readonly nats: NatsServer;
  /** URL of the log, in a namespace of its own. */
  readonly log: string;
  /** Whether the folder stays. */
  keeps = false;
  private readonly folder: TemporaryFolder;
  private readonly logServer: LogServer | undefined;

  private constructor({ folder, nats, logServer, log }: Parts, options: InstallationOptions) {
    this.folder = folder;
    this.nats = nats;
    this.logServer = logServer;
    this.log = log;
    const named = (role: Role, count: number): readonly Member[] =>
      Array.from({ length: count }, (_, index) => this.memberOf(`${role}-${index + 1}`, { role, options }));
    this.members = [...named("coordinator", options.coordinators), ...named("executor", options.executors)];
  }

  /** Resolves when all of them are ready. */
  static async start(options: InstallationOptions): Promise<Installation> {
    await using opened = new AsyncDisposableStack();
    const folder = opened.use(await temporaryFolder());
    const nats = opened.use(await NatsServer.start({ isApart: true }));
    const logServer = options.server === undefined ? opened.use(await startLogServer(folder.path)) : undefined;
    const log = ownLog(options.server ?? logServer?.url ?? "");
    const installation = new Installation({ folder, nats, logServer, log }, options);
    await mkdir(installation.at("files"));
    opened.defer(() => installation.killAll());
    for (const member of installation.members) {
      await installation.furnish(member.name);
      member.begin();
    }
    await Promise.all(installation.members.map((member) => member.untilReady()));
    opened.move();
    return installation;
  }

  get path(): string {
    return this.folder.path;
  }

  get ledger(): string {
    return this.at("ledger.jsonl");
  }

  /** Where the log is, as a coordinator opens it. */
  whereOf({ name }: Member): { readonly store: string; readonly local: string } {
    return { store: this.log, local: path.join(this.at(name), "local") };
  }

  of(role: Role): readonly Member[] {
    return this.members.filter((member) => member.role === role);
  }

  /** Ends everything but the folder. */
  async end(): Promise<void> {
    await this.killAll();
    await this.nats.stop();
    await this.logServer?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    await this.nats[Symbol.asyncDispose]();
    if (!this.keeps) await this.folder[Symbol.asyncDispose]();
  }

  private async killAll(): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
  }

  private memberOf(
    name: string,
    { role, options }: { readonly role: Role; readonly options: InstallationOptions },
  ): Member {
    const { slots, isBuilt = false, envOf = () => ({}), onFact } = options;
    const command = role === "coordinator" ? ["serve"] : ["worker", "--slots", String(slots)];
    const env = {
      PLANWRIGHT_CRASH_LEDGER: this.ledger,
      PLANWRIGHT_LOG: "warn",
      ...(isBuilt ? { PLANWRIGHT_DIST: "1" } : {}),
    };
    const start = (onLine: (line: string) => void): Program =>
      new Program({
        args: [...command, "--json", "--tools", TOOLS, "--root", this.at("files")],
        cwd: this.at(name),
        env: { ...env, ...envOf(name) },
        onLine,
      });
    return new Member({ name, role, start, onFact });
  }

  private async furnish(name: string): Promise<void> {
    await mkdir(this.at(name));
    const settings = { store: this.log, local: "local", nats: { servers: [this.nats.url] } };
    await writeFile(path.join(this.at(name), "planwright.config.yaml"), JSON.stringify(settings));
  }

  private at(name: string): string {
    return path.join(this.folder.path, name);
  }
}

interface Parts {
  readonly folder: TemporaryFolder;
  readonly nats: NatsServer;
  readonly logServer: LogServer | undefined;
  readonly log: string;
}

interface LogServer extends AsyncDisposable {
  readonly url: string;
}

/** The stand-in, when it answers. */
async function startLogServer(cwd: string): Promise<LogServer> {
  const said = Promise.withResolvers<string>();
  let end = (): void => undefined;
  const ended = execute([process.execPath, LOG_SERVER], {
    cwd,
    onStart: ({ kill }) => (end = () => kill("SIGTERM")),
    onStdout: (text) => {
      if (text.endsWith("\n")) said.resolve(text.trim());
    },
  });
  void ended.then(({ stderr }) => said.reject(new Error(`the stand-in ended: ${stderr}`)));
  const url = await said.promise;
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      end();
      await ended;
    },
  };
}

function ownLog(server: string): string {
  return `${server}${server.includes("?") ? "&" : "?"}namespace=chaos-${randomUUID()}`;
}
