import process from "node:process";
import type { Json } from "#events/json.ts";
import { LooseErrors } from "./guards/loose-errors.ts";
import { Neighbourhood } from "./guards/neighbourhood.ts";
import { PrototypeGuard } from "./guards/prototypes.ts";
import type { OpenTarget, Target } from "./target.ts";

// One case from its input to a verdict, the same for every target.
//
// J1. Whatever a target throws is a violation, and so is an error that nobody caught.
// J2. After each case shared prototypes and the files beside the folder are as they were.
// J3. A case costs at most SLOW_CPU_MS of this process's own time, however busy the machine is. One that never comes back
//     is for whoever watches this process.

/** Measured: the slowest case takes a tenth of it (a plan of four megabytes). */
const SLOW_CPU_MS = 5_000;

export type Verdict =
  { readonly ok: true; readonly outcome: string } | { readonly ok: false; readonly violation: string };

export class Judge implements AsyncDisposable {
  readonly target: Target;
  private readonly neighbourhood: Neighbourhood;
  private readonly prototypes = new PrototypeGuard();
  private readonly loose = new LooseErrors();

  private constructor(target: Target, neighbourhood: Neighbourhood) {
    this.target = target;
    this.neighbourhood = neighbourhood;
  }

  static async open(name: string, open: OpenTarget): Promise<Judge> {
    const neighbourhood = new Neighbourhood(name);
    return new Judge(await open(neighbourhood.place), neighbourhood);
  }

  async judge(input: Json): Promise<Verdict> {
    const { user, system } = process.cpuUsage();
    let outcome = "";
    let violation: string | undefined;
    try {
      outcome = await this.target.run(input);
    } catch (error) {
      violation = textOf(error);
    }
    const spent = process.cpuUsage({ user, system });
    const loose = await this.loose.take();
    violation ??= loose === undefined ? undefined : `nobody caught: ${textOf(loose)}`;
    violation ??= this.prototypes.check() ?? this.neighbourhood.check();
    const cpuMs = (spent.user + spent.system) / 1_000;
    violation ??=
      cpuMs > SLOW_CPU_MS ? `it took ${Math.round(cpuMs)} ms of CPU, the bound is ${SLOW_CPU_MS}` : undefined;
    return violation === undefined ? { ok: true, outcome } : { ok: false, violation };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.target[Symbol.asyncDispose]();
    this.loose[Symbol.dispose]();
    this.neighbourhood[Symbol.dispose]();
  }
}

const STACK_LINES = 8;

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack?.split("\n").slice(0, STACK_LINES).join("\n");
  return stack?.includes(error.message) === true ? stack : `${error.name}: ${error.message}`;
}
