import { troubleText } from "#src/cli/reporter-plain.ts";
import type { Reporter } from "#src/cli/reporter.ts";
import type { Terminal } from "#src/cli/terminal.ts";

/** Says nothing of what happens, only what is in the way. */
export function quietReporter(terminal: Terminal): Reporter {
  return {
    facts: () => undefined,
    live: () => undefined,
    trouble: (problem) => terminal.err(troubleText(problem)),
    close: async () => undefined,
    ended: () => undefined,
  };
}
