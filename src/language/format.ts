import { pathText } from "./finding.ts";
import type { Complaint, Finding } from "./finding.ts";

// Findings as plain text, the way compilers print them: editors and terminals make `file:line:column` a link.

const INDENT = "    ";

/** One block a finding, separated by empty lines: place, code and message; the source line with its caret; the suggestion. */
export function formatFindings(findings: readonly (Finding | Complaint)[]): string {
  return findings.map(formatFinding).join("\n\n");
}

function formatFinding(finding: Finding | Complaint): string {
  const lines = [`${placeOf(finding)}: ${finding.severity} ${finding.code}: ${finding.message}`];
  if ("caret" in finding) lines.push(...finding.caret.split("\n").map((line) => (INDENT + line).trimEnd()));
  if (finding.suggestion !== undefined) lines.push(`  did you mean ${finding.suggestion}?`);
  return lines.join("\n");
}

function placeOf(finding: Finding | Complaint): string {
  if ("file" in finding) return `${finding.file}:${finding.line}:${finding.column}`;
  return pathText(finding.path) || "value";
}
