// How a command says to the shell how it ended. The table stands in docs/command-line.md, which a test compares.
// Where one command ends several plans, the most pressing code wins.

export const EXIT = {
  /** The command did what was asked; the plan succeeded. */
  ok: 0,
  /** The plan failed, or was rolled back where that was not what was asked. */
  failed: 1,
  /** The command, the plan file, its inputs or the tools are not right; nothing ran. */
  usage: 2,
  /** The plan was cancelled. */
  cancelled: 3,
  /** An outcome is unknown, and only a person can bring the plan further. */
  person: 4,
  /** The store is held by another process, cannot be used, or is damaged. */
  store: 5,
  /** The plan is quarantined or cannot be read. */
  quarantined: 6,
  /** A defect of this program. */
  defect: 70,
  /** Stopped by a signal, e.g. Ctrl-C; what was durable stays. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** From the least to the most pressing. */
const PRESSING: readonly ExitCode[] = [
  EXIT.ok,
  EXIT.cancelled,
  EXIT.failed,
  EXIT.person,
  EXIT.usage,
  EXIT.quarantined,
  EXIT.store,
  EXIT.defect,
  EXIT.interrupted,
];

/** The most pressing of several endings. */
export function worstOf(codes: readonly ExitCode[]): ExitCode {
  return codes.reduce<ExitCode>(
    (worst, code) => (PRESSING.indexOf(code) > PRESSING.indexOf(worst) ? code : worst),
    EXIT.ok,
  );
}
