import { Fault } from "#events/fault.ts";
import { adviceFor } from "#src/cli/advice.ts";
import type { ExitCode } from "#src/cli/exit-code.ts";
import type { Terminal } from "#src/cli/terminal.ts";

// Prints what went wrong: what, its code, what to do next. For people on stderr; with --json also as one document on
// stdout, so that a program finds it where it looks.

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly next?: string;
  readonly exit: ExitCode;
  readonly details?: Fault["details"];
}

/** Prints it and gives the exit code. */
export function printFailure(error: unknown, terminal: Terminal, json: boolean): ExitCode {
  const { exit, ...failure } = failureOf(error);
  terminal.err(`${terminal.paint(["bold", "red"], "error", "err")} ${failure.code}: ${failure.message}`);
  const since = holderSince(error);
  if (since !== undefined) terminal.err(`  since: ${since}`);
  if (failure.next !== undefined) terminal.err(`  next: ${failure.next}`);
  if (json) terminal.out(JSON.stringify({ error: failure }));
  return exit;
}

function failureOf(error: unknown): Failure {
  const { code, message, details } = isFault(error)
    ? error
    : { code: "defect", message: defectText(error), details: {} };
  const { exit, next } = adviceFor(code);
  const named = Object.keys(details).length === 0 ? {} : { details };
  return { code, message, exit, ...(next === undefined ? {} : { next }), ...named };
}

/** `instanceof` alone leaves the code's type open. */
function isFault(error: unknown): error is Fault {
  return error instanceof Fault;
}

/** Since when another process has held the store. */
function holderSince(error: unknown): string | undefined {
  if (!Fault.is(error, "store-locked")) return undefined;
  const { since } = error.details;
  return typeof since === "number" ? new Date(since).toISOString() : undefined;
}

function defectText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
