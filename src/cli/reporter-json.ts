import { exitCodeOf } from "#src/cli/ending.ts";
import type { Reporter } from "#src/cli/reporter.ts";
import type { Terminal } from "#src/cli/terminal.ts";

/** JSON lines: `{"kind":"fact",…}` for each durable fact, and one `{"kind":"result",…}` for each plan at the end. */
export function jsonReporter(terminal: Terminal): Reporter {
  const say = (line: unknown): void => terminal.out(JSON.stringify(line));
  return {
    facts: (plan, facts, state) => {
      const first = state.revision - facts.length + 1;
      facts.forEach(({ type, data }, index) => say({ kind: "fact", plan, revision: first + index, type, data }));
    },
    live: () => undefined,
    trouble: (problem) => say({ kind: "trouble", message: problem?.message ?? null }),
    close: async () => undefined,
    ended: (ending) => say({ kind: "result", ...ending, exitCode: exitCodeOf(ending) }),
  };
}
