import type { Reporter, ReportFlags } from "#src/cli/reporter.ts";
import { troubleText } from "#src/cli/reporter-plain.ts";
import { printEnding } from "#src/cli/result-text.ts";
import { Board } from "#src/cli/screen/board.ts";
import { frameOf } from "#src/cli/screen/frame.ts";
import { liveScreen } from "#src/cli/screen/live-screen.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import type { Clock } from "#src/ports/clock.ts";

/** Frames of what the board knows. */
export function screenReporter(terminal: Terminal, clock: Clock, flags: ReportFlags): Reporter {
  const board = new Board();
  const screen = liveScreen((size) => frameOf(board, size, clock.now()), clock);
  return {
    facts: (_plan, facts, state) => board.apply(state, facts, clock.now()),
    live: (message) => board.note(message),
    trouble: (problem) => {
      board.trouble = problem === undefined ? undefined : troubleText(problem);
    },
    close: () => screen.close(),
    ended: (ending) => printEnding(ending, terminal, flags),
  };
}
