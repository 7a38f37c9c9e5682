import type { CommandOf } from "#events/commands.ts";
import { Fault } from "#events/fault.ts";
import { json, type Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import { isEnded, planStateOf } from "#machines/state.ts";
import { ask, asking, type AskFlags } from "#src/cli/commands/answering.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import type { Terminal } from "#src/cli/terminal.ts";

// `resolve`: a person answers for an attempt of which nobody knows whether it had its effect.
// It records the answer and starts nothing: what follows from it begins with `resume`.

export interface ResolveFlags extends AskFlags {
  /** The step's output, as JSON. */
  readonly done?: string;
  readonly retry?: boolean;
  /** True, or a note that says why. */
  readonly fail?: boolean | string;
}

type Resolution = CommandOf<"ResolveOutcome">["resolution"];

/** Answers for an attempt whose outcome nobody knows. Faults: `bad-answer`, `bad-output`, `outcome-known`, `unknown-step`. */
export async function resolve(
  target: { readonly plan: string; readonly step: string },
  flags: ResolveFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const resolution = resolutionOf(flags);
  return asking(flags, `resolve ${target.plan} ${target.step}`, async (engine) => {
    const plan = await engine.plans.find(target.plan);
    await ask(engine, plan, { type: "ResolveOutcome", step: target.step, resolution });
    const state = await engine.plans.state(plan);
    const status = planStateOf(state);
    const next = isEnded(state) ? `the plan has ${status}` : `go on by: planwright resume ${plan}`;
    if (flags.json === true) terminal.out(JSON.stringify({ plan, step: target.step, answer: resolution.kind, status }));
    else terminal.out(`${target.step}: ${resolution.kind}; ${next}`);
    return EXIT.ok;
  });
}

function resolutionOf({ done, retry, fail }: ResolveFlags): Resolution {
  const answers = [done, retry, fail].filter((answer) => answer !== undefined);
  if (answers.length !== 1) throw new Fault("bad-answer", "give exactly one of --done JSON, --retry and --fail");
  if (done !== undefined) return { kind: "done", output: inline(outputOf(done)) };
  if (retry !== undefined) return { kind: "retry" };
  return { kind: "fail", ...(typeof fail === "string" ? { note: fail } : {}) };
}

function outputOf(text: string): Json {
  try {
    return json.parse(JSON.parse(text));
  } catch (cause) {
    throw new Fault("bad-output", `--done ${text} is not JSON`, { cause });
  }
}
