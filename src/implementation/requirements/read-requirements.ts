import { requirementsFile, type RequirementsFile } from "#src/implementation/requirements/requirement.ts";
import { isJsonObject } from "#events/json.ts";
import { describeJson } from "#machines/expressions/describe-json.ts";
import type { Finding } from "#src/language/finding.ts";
import type { PlanSource } from "#src/language/parse.ts";
import { Report } from "#src/language/report.ts";
import { reportIssue } from "./file-findings.ts";
import { checkRules } from "./file-rules.ts";

export type ReadRequirements =
  | { readonly ok: true; readonly file: RequirementsFile; readonly warnings: readonly Finding[] }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/**
 * From the source of a file of requirements to its value. Codes: unknown-word, unknown-kind, wrong-type, missing-word, out-of-range,
 * bad-value, bad-name, duplicate-requirement, unknown-requirement, requirement-circle, remedy-unclear, bad-duration, bad-pattern, …
 */
export function readRequirements(source: PlanSource): ReadRequirements {
  const report = new Report(source, source.root);
  const { value } = source.root;
  if (!isJsonObject(value)) {
    const message = `a file of requirements is a mapping, this is ${describeJson(value)}`;
    report.error([], { code: "wrong-type", message });
    return { ok: false, findings: report.findings() };
  }
  const read = requirementsFile.safeParse(value);
  if (read.success) checkRules(read.data, report);
  else for (const issue of read.error.issues) reportIssue(issue, value, report);
  const findings = report.findings();
  return read.success && !report.hasErrors
    ? { ok: true, file: read.data, warnings: findings }
    : { ok: false, findings };
}
