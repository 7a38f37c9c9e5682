import { Fault } from "#events/fault.ts";
import type { Output } from "#src/api/client.ts";
import { askAndFollow, type GoOnFlags } from "#src/cli/asked-and-followed.ts";
import { confirm } from "#src/cli/confirmed.ts";
import { reading } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { meantPlan } from "#src/cli/meant-plan.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { plural } from "#src/cli/text.ts";

// `rollback`: shows first what would be taken back and what would stay, then asks whether to do it. Where nobody can be
// asked, it wants `--yes`; steps that nothing takes back want `--accept-irreversible` in any case.

export interface RollbackFlags extends GoOnFlags {
  readonly from?: string;
  readonly to?: string;
  readonly note?: string;
  /** Shows what would happen, and does nothing. */
  readonly preview?: boolean;
  readonly yes?: boolean;
  readonly acceptIrreversible?: boolean;
}

type Preview = Output<"preview">;

/** Faults: `not-confirmed`, `irreversible-steps`, `unknown-step`, `plan-ending`. */
export async function rollback(reference: string, flags: RollbackFlags, terminal: Terminal): Promise<ExitCode> {
  const part = partOf(flags);
  const preview = await reading(flags, async (client) => {
    const meant = await meantPlan(client, reference, { of: "any", flags, terminal });
    return client.preview({ plan: meant, ...part });
  });
  if (flags.preview === true) {
    if (flags.json === true) terminal.out(JSON.stringify(preview));
    else for (const line of linesOf(preview)) terminal.out(line);
    return EXIT.ok;
  }
  await assertWanted(preview, flags, terminal);
  const { plan } = preview;
  const { note, acceptIrreversible } = flags;
  const asked = {
    ...{ plan, ...part },
    ...(note === undefined ? {} : { note }),
    ...(acceptIrreversible === undefined ? {} : { acceptIrreversible }),
  };
  return askAndFollow(
    { command: `rollback ${reference}`, plan, ask: (client) => client.rollback(asked), aim: "rolled-back" },
    flags,
    terminal,
  );
}

function partOf({ from, to }: RollbackFlags): { readonly from?: string; readonly to?: string } {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

async function assertWanted(preview: Preview, flags: RollbackFlags, terminal: Terminal): Promise<void> {
  if (flags.json !== true) for (const line of linesOf(preview)) terminal.err(line);
  if (preview.irreversible.length > 0 && flags.acceptIrreversible !== true) throw irreversible(preview);
  const { yes } = flags;
  await confirm(terminal, { yes, question: "Take this back?", otherwise: "nothing was taken back" });
}

function irreversible({ irreversible: steps }: Preview): Fault {
  return new Fault("irreversible-steps", `nothing takes back ${steps.join(", ")}; say that they may stay as they are`, {
    details: { steps: [...steps] },
  });
}

function linesOf({ layers, withoutUndo, irreversible: final, running, refusal }: Preview): readonly string[] {
  const calls = layers.flat();
  return [
    ...(refusal === undefined ? [] : [`not now: ${refusal.reason}`]),
    calls.length === 0 ? "nothing is there to take back" : `${plural(calls.length, "step")} taken back, in this order:`,
    ...calls.map(
      ({ step, tool, problem }) => `  ${step}  by ${tool}${problem === undefined ? "" : `: ${problem.message}`}`,
    ),
    ...named("told to stop first", running),
    ...named("stays, no undo was said", withoutUndo),
    ...named("irreversible, stays as it is", final),
  ];
}

function named(what: string, steps: readonly string[]): readonly string[] {
  return steps.length === 0 ? [] : [`${what}: ${steps.join(", ")}`];
}
