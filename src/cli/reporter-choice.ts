import type { Reporter, ReportFlags } from "#src/cli/reporter.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import type { Clock } from "#src/ports/clock.ts";

/** JSON lines when asked for, a live screen where there is one, else plain lines. The screen is loaded only then. */
export async function chooseReporter(flags: ReportFlags, terminal: Terminal, clock: Clock): Promise<Reporter> {
  if (flags.json === true) return (await import("#src/cli/reporter-json.ts")).jsonReporter(terminal);
  if (flags.plain !== true && terminal.isScreen)
    return (await import("#src/cli/screen/reporter.ts")).screenReporter(terminal, clock, flags);
  return (await import("#src/cli/reporter-plain.ts")).plainReporter(terminal, clock, flags);
}
