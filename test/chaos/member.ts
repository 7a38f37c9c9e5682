import { toldFact, type Fact } from "../../examples/distributed/tour/facts.ts";
import { Breach } from "../crash/breach.ts";
import type { Program } from "../crash/program.ts";

// A coordinator or an executor: one process after the other, of which each may be killed, stopped, or told to end.
//
// M1. Whoever ends by itself, or in order with anything but exit code 0, breaks the run.

export type Role = "coordinator" | "executor";

export interface MemberParts {
  readonly name: string;
  readonly role: Role;
  readonly start: (onLine: (line: string) => void) => Program;
  readonly onFact: (fact: Fact, by: Member) => void;
}

const COMES_UP_WITHIN_MS = 30_000;
const GOES_WITHIN_MS = 30_000;
const KEPT_COMPLAINTS = 2_000;

export class Member {
  readonly name: string;
  readonly role: Role;
  /** Where a coordinator of this life answers; undefined until it does. */
  url: string | undefined;
  /** The id of an executor of this life. */
  worker: string | undefined;
  /** It stands still. */
  isStopped = false;
  /** How many processes it was. */
  lives = 0;
  private readonly parts: MemberParts;
  private program: Program | undefined;

  constructor(parts: MemberParts) {
    this.parts = parts;
    this.name = parts.name;
    this.role = parts.role;
  }

  get isThere(): boolean {
    return this.program?.hasEnded === false && !this.isStopped;
  }

  /** Whether its process of the moment has come so far that it works with others. */
  get isReady(): boolean {
    return this.isThere && (this.url ?? this.worker) !== undefined;
  }

  /** What its process of the moment has said on stderr. */
  get complaints(): string {
    return this.program?.complaints ?? "";
  }

  begin(): void {
    this.url = undefined;
    this.worker = undefined;
    this.lives++;
    this.program = this.parts.start((line) => this.hear(line));
  }

  /** Throws a Breach. */
  async untilReady(): Promise<void> {
    const { program, name } = this;
    if (program === undefined || (await program.until(() => this.isReady, COMES_UP_WITHIN_MS))) return;
    throw new Breach("start", `${name} does not come up: ${this.lastWords}`);
  }

  async kill(): Promise<void> {
    this.isStopped = false;
    this.program?.kill("SIGKILL");
    await this.program?.ended;
  }

  stop(): void {
    this.isStopped = true;
    this.program?.kill("SIGSTOP");
  }

  goOn(): void {
    this.isStopped = false;
    this.program?.kill("SIGCONT");
  }

  /** In order. Throws a Breach. */
  async leave(): Promise<void> {
    const { program, name } = this;
    if (program === undefined) return;
    program.kill("SIGTERM");
    if (!(await program.until(() => false, GOES_WITHIN_MS)) && !program.hasEnded) {
      program.kill("SIGKILL");
      throw new Breach(
        "closing",
        `${name} was told to end, and was there ${GOES_WITHIN_MS} ms later: ${this.lastWords}`,
      );
    }
    const { code, signal } = await program.ended;
    if (code !== 0) throw new Breach("closing", `${name} ended with ${code ?? signal}: ${this.lastWords}`);
  }

  /** Throws a Breach where it ended although nobody told it to. */
  async assertThere(): Promise<void> {
    if (this.program?.hasEnded !== true) return;
    const { code, signal } = await this.program.ended;
    throw new Breach("program", `${this.name} ended by itself with ${code ?? signal}: ${this.lastWords}`);
  }

  private hear(line: string): void {
    if (this.role === "executor") {
      this.worker ??= /"worker":"([^"]+)"/.exec(line)?.[1];
      return;
    }
    const fact = toldFact(line);
    if (fact !== undefined) this.parts.onFact(fact, this);
    else this.url ??= /"kind":"serving".*"url":"([^"]+)"/.exec(line)?.[1];
  }

  private get lastWords(): string {
    return this.complaints.slice(-KEPT_COMPLAINTS);
  }
}
