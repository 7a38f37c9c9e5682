import { readFileSync } from "node:fs";

const LINES = 15;

/** The end of what a process printed, for the message that says how it fell. */
export function lastLines(log: string): string {
  return readFileSync(log, "utf8").trimEnd().split("\n").slice(-LINES).join("\n");
}
