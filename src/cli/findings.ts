import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { plural } from "#src/cli/text.ts";
import type { Complaint, Finding } from "#src/language/finding.ts";
import { formatFindings } from "#src/language/format.ts";

export type Findings = readonly (Finding | Complaint)[];

/** Prints what is wrong with a plan or its inputs; nothing was run. */
export function refuseFindings(findings: Findings, terminal: Terminal, json: boolean): ExitCode {
  const errors = findings.filter(({ severity }) => severity === "error").length;
  terminal.err(formatFindings(findings));
  terminal.err(`${terminal.paint(["bold", "red"], plural(errors, "error"), "err")}; nothing was run`);
  if (json) terminal.out(JSON.stringify({ ok: false, findings }));
  return EXIT.usage;
}

export function hasErrors(findings: Findings): boolean {
  return findings.some(({ severity }) => severity === "error");
}

export function printWarnings(warnings: Findings, terminal: Terminal): void {
  if (warnings.length > 0) terminal.err(formatFindings(warnings));
}
