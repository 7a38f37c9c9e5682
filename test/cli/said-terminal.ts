// A terminal that nobody sits in front of, and what was said to it.
import type { Terminal } from "#src/cli/terminal.ts";

export function saidTerminal(): { readonly said: string[]; readonly terminal: Terminal } {
  const said: string[] = [];
  const terminal: Terminal = {
    out: (text) => void said.push(text),
    err: (text) => void said.push(text),
    paint: (_style, text) => text,
    isScreen: false,
    columns: 100,
    ask: async () => undefined,
  };
  return { said, terminal };
}
