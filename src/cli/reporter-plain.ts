import type { Clock } from "#src/ports/clock.ts";
import { factText } from "#src/cli/fact-text.ts";
import type { Reporter, ReportFlags } from "#src/cli/reporter.ts";
import { printEnding } from "#src/cli/result-text.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { lineText } from "#src/cli/text.ts";

const MAX_LINE_CHARS = 400;
const SECOND_MS = 1_000;

/** One line a fact on stderr, with the seconds since the beginning; the response alone on stdout. */
export function plainReporter(terminal: Terminal, clock: Clock, flags: ReportFlags): Reporter {
  const begun = clock.monotonic();
  const say = (text: string): void => {
    const seconds = ((clock.monotonic() - begun) / SECOND_MS).toFixed(1).padStart(6);
    terminal.err(`${terminal.paint("dim", `${seconds}s`, "err")}  ${lineText(text, MAX_LINE_CHARS)}`);
  };
  return {
    facts: (_plan, facts) => {
      for (const fact of facts) say(factText(fact));
    },
    live: (message) => {
      if (message.kind === "log") say(`${message.step}: ${message.message}`);
    },
    trouble: (problem) => say(troubleText(problem)),
    close: async () => undefined,
    ended: (ending) => printEnding(ending, terminal, flags),
  };
}

export function troubleText(problem: Error | undefined): string {
  if (problem === undefined) return "the store takes facts again";
  return `the store takes nothing for now, and nothing is acknowledged: ${problem.message}`;
}
