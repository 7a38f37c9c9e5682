import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { z } from "zod";

// The outside of an interrupted workflow: a file that its steps write themselves into, so that what really ran is known
// whatever the engine says. A line is one write to a file that is opened for appending, so that a SIGKILL leaves it whole.

const entry = z.strictObject({
  workflow: z.string(),
  index: z.int(),
  what: z.enum(["began", "ended"]),
  /** The process that the step ran in. */
  pid: z.int(),
  /** Milliseconds since 1970, on the machine's clock. */
  at: z.number(),
});
export type Entry = z.infer<typeof entry>;

export function enter(ledger: string, line: Omit<Entry, "pid" | "at">): void {
  appendFileSync(ledger, `${JSON.stringify({ ...line, pid: process.pid, at: Date.now() })}\n`);
}

/** What a workflow's steps have written so far, in the order in which they did. */
export function entriesOf(ledger: string, workflow: string): readonly Entry[] {
  if (!existsSync(ledger)) return [];
  return readFileSync(ledger, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => entry.parse(JSON.parse(line)))
    .filter((line) => line.workflow === workflow);
}
