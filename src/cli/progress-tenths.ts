import type { Terminal } from "#src/cli/terminal.ts";

const PROGRESS_STEPS = 10;

/** Says each tenth of long work on a screen; elsewhere, and where JSON is printed, nothing. */
export function tenths(flags: { readonly json?: boolean }, terminal: Terminal) {
  return (what: string) => {
    let told = 0;
    return ({ checked, total }: { readonly checked: number; readonly total: number }): void => {
      const tenth = total === 0 ? 0 : Math.floor((checked / total) * PROGRESS_STEPS);
      if (flags.json === true || !terminal.isScreen || tenth <= told) return;
      told = tenth;
      terminal.err(terminal.paint("dim", `  ${what}: ${tenth * PROGRESS_STEPS}%`, "err"));
    };
  };
}
