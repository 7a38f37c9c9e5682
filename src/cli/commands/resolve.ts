import { Fault } from "#events/fault.ts";
import type { Json } from "#events/json.ts";
import { asking, type StoreFlags } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { jsonOption } from "#src/cli/json-option.ts";
import { nextText } from "#src/cli/next-text.ts";
import type { Terminal } from "#src/cli/terminal.ts";

// `resolve`: a person answers for an attempt of which nobody knows whether it had its effect.
// Where the plan runs, it goes on with the answer; where nobody runs it, the answer is recorded for `resume`.

export interface ResolveFlags extends StoreFlags {
  /** The step's output, as JSON. */
  readonly done?: string;
  readonly retry?: boolean;
  /** True, or a note that says why. */
  readonly fail?: boolean | string;
}

/** Answers for an attempt whose outcome nobody knows. Faults: `bad-answer`, `bad-output`, `outcome-known`, `unknown-step`. */
export async function resolve(
  { plan: reference, step }: { readonly plan: string; readonly step: string },
  flags: ResolveFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const answer = answerOf(flags);
  return asking(flags, `resolve ${reference} ${step}`, async (client) => {
    const asked = await client.resolve({ plan: reference, step, answer });
    const { plan, status } = asked;
    if (flags.json === true) terminal.out(JSON.stringify({ plan, step, answer: answer.kind, status }));
    else terminal.out(`${step}: ${answer.kind}; ${nextText(asked)}`);
    return EXIT.ok;
  });
}

type Answer =
  | { readonly kind: "done"; readonly output: Json }
  | { readonly kind: "retry" }
  | { readonly kind: "fail"; readonly note?: string };

function answerOf({ done, retry, fail }: ResolveFlags): Answer {
  const answers = [done, retry, fail].filter((answer) => answer !== undefined);
  if (answers.length !== 1) throw new Fault("bad-answer", "give exactly one of --done JSON, --retry and --fail");
  if (done !== undefined) return { kind: "done", output: jsonOption("--done", done) };
  if (retry !== undefined) return { kind: "retry" };
  return { kind: "fail", ...(typeof fail === "string" ? { note: fail } : {}) };
}
