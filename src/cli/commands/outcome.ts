import type { Json } from "#events/json.ts";
import { asking, type StoreFlags } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { jsonOption } from "#src/cli/json-option.ts";
import { nextText } from "#src/cli/next-text.ts";
import type { Terminal } from "#src/cli/terminal.ts";

// `done` and `skip`: a person says what a step comes to. A plan that has ended without success is reopened by it.

export interface OutcomeFlags extends StoreFlags {
  readonly note?: string;
}

export interface DoneFlags extends OutcomeFlags {
  /** As JSON; by default null. */
  readonly output?: string;
}

interface Target {
  readonly plan: string;
  readonly step: string;
}

/** Faults: `bad-output`, `step-settled`, `plan-ended`. */
export async function done(target: Target, flags: DoneFlags, terminal: Terminal): Promise<ExitCode> {
  const output = flags.output === undefined ? null : jsonOption("--output", flags.output);
  return give(target, { ...flags, outcome: { kind: "done", output } }, terminal);
}

export async function skip(target: Target, flags: OutcomeFlags, terminal: Terminal): Promise<ExitCode> {
  return give(target, { ...flags, outcome: { kind: "skipped" } }, terminal);
}

type Outcome = { readonly kind: "done"; readonly output: Json } | { readonly kind: "skipped" };

async function give(
  { plan: reference, step }: Target,
  { outcome, note, ...flags }: OutcomeFlags & { readonly outcome: Outcome },
  terminal: Terminal,
): Promise<ExitCode> {
  const command = `${outcome.kind === "done" ? "done" : "skip"} ${reference} ${step}`;
  return asking(flags, command, async (client) => {
    const said = note === undefined ? {} : { note };
    const asked = await client.give({ plan: reference, step, outcome, ...said });
    const { plan, status, changed } = asked;
    if (flags.json === true) terminal.out(JSON.stringify({ plan, step, outcome: outcome.kind, status, changed }));
    else terminal.out(`${step}: ${outcome.kind}; ${nextText(asked)}`);
    return EXIT.ok;
  });
}
