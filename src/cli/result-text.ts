import type { Ending } from "#src/cli/ending.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { durationText, safeText } from "#src/cli/text.ts";

// The last lines of a run: how it ended, its response, and what to do where it is not over.
// Only the response goes to stdout, so that a shell can take it.

/** The response goes to stdout, everything else about an ending to stderr. */
export function printEnding(ending: Ending, terminal: Terminal): void {
  const { plan, name, status, durationMs } = ending;
  const took = durationMs === undefined ? "" : ` in ${durationText(durationMs)}`;
  const mark = status === "succeeded" ? "green" : "red";
  terminal.err(`${terminal.paint(["bold", mark], headline(status), "err")} ${name} (${plan})${took}`);
  if (ending.error !== undefined) terminal.err(`  ${ending.error.code}: ${safeText(ending.error.message)}`);
  for (const line of nextOf(ending)) terminal.err(`  ${line}`);
  if (ending.response !== undefined) terminal.out(valueText(ending.response));
  else if (ending.outputs !== undefined) terminal.out(valueText(ending.outputs));
}

/** Text as it is, anything else as JSON. */
export function valueText(value: unknown): string {
  return typeof value === "string" ? safeText(value) : JSON.stringify(value, null, 2);
}

function headline(status: Ending["status"]): string {
  return status === "needs-person" ? "needs a person:" : status === "cannot-run" ? "cannot run here:" : status;
}

function nextOf({ plan, status, unknown = [] }: Ending): readonly string[] {
  switch (status) {
    case "interrupted":
      return [`what was done is safe; go on by: planwright resume ${plan}`];
    case "needs-person":
      return unknown.flatMap((step) => [
        `nobody knows whether ${step} had its effect; look, then answer by one of:`,
        ...["--done '<output as JSON>'", "--retry", "--fail"].map(
          (answer) => `  planwright resolve ${plan} ${step} ${answer}`,
        ),
      ]);
    case "failed":
    case "rolled-back":
      return [`look closer: planwright show ${plan}, planwright history ${plan}`];
    case "quarantined":
      return [`other plans go on; when the cause is gone: planwright doctor --release ${plan}`];
    case "detached":
      return [`it goes on; look again by: planwright watch ${plan}`];
    case "cannot-run":
      return ["left as it is; when that is mended: planwright resume --tools MODULE"];
    case "succeeded":
    case "cancelled":
      return [];
  }
}
