import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { toldFact } from "./facts.ts";
import type { LogPlace } from "./log-place.ts";
import { natsUrl, startNats } from "./nats-server.ts";
import { Program } from "./program.ts";
import { Witness } from "./witness.ts";

// What docker-compose.yml starts in containers, as processes of this machine: nats-server, two workers, and coordinators. Two of
// them share the plans where a server keeps the log; a store in a folder has one holder.
//
// I1. Whatever was started is ended, the last first, and the folder is removed, however the tour ends.

const CHECKOUT = fileURLToPath(new URL("../../..", import.meta.url));
const PROGRAM = path.join(CHECKOUT, "src", "cli", "planwright.cjs");
/** What the README's plan needs. */
const GIVEN = ["--tools", path.join(CHECKOUT, "examples", "examine.tools.ts"), "--root", CHECKOUT];
const EXAMPLE = path.join(CHECKOUT, "examples", "examine.plan.yaml");

const WORKERS = 2;
const SLOTS = 2;

export interface InstallationOptions {
  /** On a server; without one the store is in the temporary folder. */
  readonly log?: LogPlace | undefined;
  /** Options of workers and coordinators: whose tools, and what they may touch. */
  readonly given?: readonly string[];
  readonly workers?: number;
  /** Of each worker. */
  readonly slots?: number;
  /** The folder for temporary ones. */
  readonly beside?: string;
}

export class Installation implements AsyncDisposable {
  readonly witness = new Witness();
  /** By the id that facts name. */
  readonly workers = new Map<string, Program>();
  readonly coordinators: Program[] = [];
  /** Where each coordinator serves HTTP. */
  readonly urls = new Map<Program, string>();
  private readonly folder: string;
  private readonly log: LogPlace | undefined;
  private readonly options: InstallationOptions;
  private readonly started: Program[] = [];
  private readonly places = new Map<string, string>();
  private nats = { url: "", token: "" };

  private constructor(folder: string, options: InstallationOptions) {
    this.folder = folder;
    this.log = options.log;
    this.options = options;
  }

  static async make(options: InstallationOptions = {}): Promise<Installation> {
    return new Installation(await mkdtemp(path.join(options.beside ?? tmpdir(), "planwright-tour-")), options);
  }

  /** How programs of this installation reach its server of NATS. */
  get access(): { readonly url: string; readonly token: string } {
    return this.nats;
  }

  /** Resolves with its address when it takes connections. */
  async startNats(command: string, signal: AbortSignal): Promise<string> {
    const { program, token } = await startNats(path.join(this.folder, "nats"), command);
    this.started.push(program);
    this.nats = { token, url: await natsUrl(program, signal) };
    return this.nats.url;
  }

  /** Resolves when all of them lend their slots. */
  async startWorkers(signal: AbortSignal): Promise<readonly Program[]> {
    const names = Array.from({ length: this.options.workers ?? WORKERS }, (_, index) => `worker-${index + 1}`);
    return Promise.all(names.map((name) => this.startWorker(name, signal)));
  }

  /** Also again, after it was killed. */
  async startWorker(name: string, signal: AbortSignal): Promise<Program> {
    const { slots = SLOTS, given = GIVEN } = this.options;
    const program = await this.start(name, ["worker", "--slots", String(slots), ...given]);
    const id = await program.first((line) => /"worker":"([^"]+)"/.exec(line)?.[1], signal);
    this.workers.set(id, program);
    return program;
  }

  /** Resolves when all of them serve. */
  async startCoordinators(signal: AbortSignal): Promise<readonly Program[]> {
    const names = this.log === undefined ? ["coordinator-1"] : ["coordinator-1", "coordinator-2"];
    return Promise.all(names.map((name) => this.startCoordinator(name, signal)));
  }

  /** Also again, after it was killed. */
  async startCoordinator(name: string, signal: AbortSignal): Promise<Program> {
    const program = await this.start(name, ["serve", ...(this.options.given ?? GIVEN)]);
    program.onLine((line) => {
      const fact = toldFact(line);
      if (fact !== undefined) this.witness.see(fact, program);
    });
    this.coordinators.push(program);
    this.urls.set(program, await program.first(servedAt, signal));
    return program;
  }

  /** Hands the README's plan to a coordinator. Gives the plan's id. */
  async submit(to: Program, signal: AbortSignal): Promise<string> {
    const text = await this.ask(to, ["submit", EXAMPLE, "--input", "report=.planwright/tour.md"], signal);
    const plan = /"plan":"([^"]+)"/.exec(text)?.[1];
    if (plan === undefined) throw new Error(`submit gave no plan: ${text}`);
    return plan;
  }

  /** What a command prints where a coordinator works. */
  async ask(at: Program, command: readonly string[], signal: AbortSignal): Promise<string> {
    const program = await this.start(at.name, command, `planwright ${command[0] ?? ""}`);
    const lines: string[] = [];
    program.onLine((line) => lines.push(line));
    const stop = (): void => void program.end();
    signal.addEventListener("abort", stop, { once: true });
    const how = await program.ended;
    signal.removeEventListener("abort", stop);
    signal.throwIfAborted();
    if (how !== "exit code 0") throw program.endedBadly(how);
    return lines.join("\n");
  }

  /** For a process that has to end at once: nothing that it started is left. The folder is. */
  killAll(): void {
    for (const program of this.started) void program.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Workers are heard out by coordinators, and both speak over NATS to the last.
    for (const program of this.started.toReversed()) await program.end();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Runs `planwright …` in the folder of a worker or coordinator. */
  private async start(place: string, command: readonly string[], name = place): Promise<Program> {
    const cwd = this.places.get(place) ?? (await this.furnish(place));
    const { PLANWRIGHT_CONFIG: _, ...inherited } = process.env;
    const env = { ...inherited, ...this.log?.env, PLANWRIGHT_NATS_TOKEN: this.nats.token, NO_COLOR: "1" };
    const program = new Program(name, [process.execPath, PROGRAM, ...command, "--json"], { cwd, env });
    this.started.push(program);
    return program;
  }

  private async furnish(place: string): Promise<string> {
    const folder = path.join(this.folder, place);
    await mkdir(folder);
    const nats = { servers: [this.nats.url], token: { env: "PLANWRIGHT_NATS_TOKEN" } };
    const log = this.log === undefined ? { store: "store" } : { store: this.log.store, local: "local" };
    const settings = { ...log, allowPrivateNetwork: true, nats };
    await writeFile(path.join(folder, "planwright.config.yaml"), JSON.stringify(settings));
    this.places.set(place, folder);
    return folder;
  }
}

/** The address in the line by which `serve --json` says that it serves. */
function servedAt(line: string): string | undefined {
  return line.includes('"kind":"serving"') ? /"url":"([^"]+)"/.exec(line)?.[1] : undefined;
}
