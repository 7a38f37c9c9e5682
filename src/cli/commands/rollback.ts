import { Fault } from "#events/fault.ts";
import type { Output } from "#src/api/client.ts";
import { askAndFollow, type GoOnFlags } from "#src/cli/asked-and-followed.ts";
import { reading } from "#src/cli/connection.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
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
  const { from, to, note, acceptIrreversible } = flags;
  const part = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  const preview = await reading(flags, (client) => client.preview({ plan: reference, ...part }));
  const { plan } = preview;
  if (flags.preview === true) {
    if (flags.json === true) terminal.out(JSON.stringify(preview));
    else for (const line of linesOf(preview)) terminal.out(line);
    return EXIT.ok;
  }
  if (flags.json !== true) for (const line of linesOf(preview)) terminal.err(line);
  if (preview.irreversible.length > 0 && acceptIrreversible !== true) throw irreversible(preview);
  if (flags.yes !== true && !(await isConfirmed(terminal))) {
    throw new Fault("not-confirmed", "nothing was taken back");
  }
  const asked = {
    ...{ plan, ...part },
    ...(note === undefined ? {} : { note }),
    ...(acceptIrreversible === undefined ? {} : { acceptIrreversible }),
  };
  return askAndFollow(
    { command: `rollback ${reference}`, plan, ask: (client) => client.rollback(asked) },
    flags,
    terminal,
  );
}

async function isConfirmed(terminal: Terminal): Promise<boolean> {
  return /^y(es)?$/i.test((await terminal.ask("Take this back? [y/N] ")) ?? "");
}

function irreversible({ irreversible: steps }: Preview): Fault {
  return new Fault("irreversible-steps", `nothing takes back ${steps.join(", ")}; say that they may stay as they are`, {
    details: { steps: [...steps] },
  });
}

function linesOf({ undone, stays, irreversible: final, windows }: Preview): readonly string[] {
  const nothing = undone.length + windows.length === 0 ? ["nothing is there to take back"] : [];
  return [
    ...nothing,
    ...(undone.length === 0 ? [] : [`${plural(undone.length, "step")} taken back:`]),
    ...undone.map(({ step, tool }) => `  ${step}  by ${tool}`),
    ...windows.map((step) => `  and what can be taken back among the items of ${step}`),
    ...named("stays, no undo was said", stays),
    ...named("irreversible, stays as it is", final),
  ];
}

function named(what: string, steps: readonly string[]): readonly string[] {
  return steps.length === 0 ? [] : [`${what}: ${steps.join(", ")}`];
}
