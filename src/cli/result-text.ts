import type { Ending } from "#src/cli/ending.ts";
import type { ReportFlags } from "#src/cli/reporter.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { durationText, safeText } from "#src/cli/text.ts";

// The last lines of a run: how it ended, its response, and what to do where it is not over.
// Only the response goes to stdout, so that a shell can take it.

/** The response goes to stdout, everything else about an ending to stderr. */
export function printEnding(ending: Ending, terminal: Terminal, { sources = false }: ReportFlags): void {
  const { plan, name, status, durationMs } = ending;
  const took = durationMs === undefined ? "" : ` in ${durationText(durationMs)}`;
  const mark = status === "succeeded" ? "green" : "red";
  terminal.err(`${terminal.paint(["bold", mark], headline(status), "err")} ${name} (${plan})${took}`);
  if (ending.error !== undefined) terminal.err(`  ${ending.error.code}: ${safeText(ending.error.message)}`);
  for (const line of nextOf(ending)) terminal.err(`  ${line}`);
  if (ending.response !== undefined) terminal.out(sources ? sourcesText(ending) : valueText(ending.response));
  else if (ending.outputs !== undefined) terminal.out(valueText(ending.outputs));
}

/** Text as it is, anything else as JSON. */
export function valueText(value: unknown): string {
  return typeof value === "string" ? safeText(value) : JSON.stringify(value, null, 2);
}

/** A line a sentence, with the steps that it stands on; those of a table below it. A response that is no text as it is. */
export function sourcesText({ response, provenance }: Pick<Ending, "response" | "provenance">): string {
  if (provenance === undefined) return valueText(response);
  const { sentences } = provenance;
  const lines = sentences.flatMap(({ text, steps }, at): readonly string[] => {
    const named = `[${steps.join(", ")}]`;
    if (steps.length === 0) return [safeText(text)];
    if (!isRow(text)) return [`${safeText(text)} ${named}`];
    return isRow(sentences[at + 1]?.text) ? [safeText(text)] : [safeText(text), named];
  });
  return lines.join("\n");
}

/** Of a Markdown table, of which every row stands on the same steps. */
function isRow(text: string | undefined): boolean {
  return text?.startsWith("| ") === true;
}

function headline(status: Ending["status"]): string {
  return status === "needs-person" ? "needs a person:" : status === "cannot-run" ? "cannot run here:" : status;
}

function nextOf(ending: Ending): readonly string[] {
  return NEXT[ending.status]?.(ending) ?? [];
}

/** What a person can do next, where there is something. */
const NEXT: Partial<Record<Ending["status"], (ending: Ending) => readonly string[]>> = {
  interrupted: ({ plan }) => [`what was done is safe; go on by: planwright resume ${plan}`],
  detached: ({ plan }) => [`it goes on; look again by: planwright watch ${plan}`],
  "needs-person": needsPerson,
  failed: lookCloser,
  "rolled-back": lookCloser,
  quarantined: ({ plan }) => [`other plans go on; when the cause is gone: planwright doctor --release ${plan}`],
  "cannot-run": () => ["left as it is; when that is mended: planwright resume --tools MODULE"],
};

function needsPerson({ plan, unknown = [] }: Ending): readonly string[] {
  return unknown.flatMap((step) => [
    `nobody knows whether ${step} had its effect; look, then answer by one of:`,
    ...["--done '<output as JSON>'", "--retry", "--fail"].map(
      (answer) => `  planwright resolve ${plan} ${step} ${answer}`,
    ),
  ]);
}

function lookCloser({ plan }: Ending): readonly string[] {
  return [`look closer: planwright show ${plan}, planwright history ${plan}`];
}
