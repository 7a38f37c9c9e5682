import type { ConditionResult } from "#machines/expressions/condition.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import type { Check } from "#src/implementation/checks/check.ts";
import { documentCondition } from "#src/implementation/checks/check-json.ts";
import { linePattern } from "#src/implementation/checks/pattern-text.ts";
import { parseDuration } from "#src/language/duration.ts";
import type { Path } from "#src/language/finding.ts";
import type { Report } from "#src/language/report.ts";
import { compileGlob } from "#src/tools/builtin/glob-pattern.ts";
import { circleIn } from "./circle.ts";
import { policyCondition } from "./policy-condition.ts";
import type { Remedy, Requirement, RequirementsFile } from "./requirement.ts";

// What several places of a file of requirements must agree about, and what a text in it must be.
//
// R1. An id stands for one requirement; what is needed is there; no requirement waits for itself.
// R2. A remedy says in one way what is done: actions, a template, or a question to a language model.
// R3. What a check asks can be asked: patterns, expressions and conditions are read before anything runs.

export function checkRules(file: RequirementsFile, report: Report): void {
  const { capabilities, approvals } = file;
  const ids = capabilities.map(({ id }) => id);
  unique(ids, { code: "duplicate-requirement", at: (index) => ["capabilities", index, "id"], report });
  unique(
    approvals.map(({ name }) => name),
    { code: "duplicate-policy", at: (index) => ["approvals", index, "name"], report },
  );
  for (const [index, { when, expires }] of approvals.entries()) {
    checkCondition(policyCondition(when), ["approvals", index, "when"], report);
    duration(expires, ["approvals", index, "expires"], report);
  }
  const known = new Set(ids);
  for (const [index, one] of capabilities.entries()) checkRequirement(one, ["capabilities", index], { known, report });
  checkCircle(capabilities, report);
}

interface Around {
  readonly known: ReadonlySet<string>;
  readonly report: Report;
}

function checkRequirement(requirement: Requirement, path: Path, around: Around): void {
  checkNeeds(requirement, path, around);
  checkQuestion(requirement.check, [...path, "check"], around.report);
  const names = requirement.remedies.map(({ name }) => name);
  unique(names, {
    code: "duplicate-remedy",
    at: (index) => [...path, "remedies", index, "name"],
    report: around.report,
  });
  for (const [index, remedy] of requirement.remedies.entries()) {
    checkRemedy(remedy, [...path, "remedies", index], around);
  }
}

interface Unique {
  readonly code: string;
  readonly at: (index: number) => Path;
  readonly report: Report;
}

/** R1. */
function unique(names: readonly string[], { code, at, report }: Unique): void {
  const seen = new Set<string>();
  for (const [index, name] of names.entries()) {
    const message = `there is another one called ${name}`;
    if (seen.has(name)) report.error(at(index), { code, message });
    seen.add(name);
  }
}

function checkNeeds({ needs }: { readonly needs: readonly string[] }, path: Path, { known, report }: Around): void {
  for (const [index, need] of needs.entries()) {
    if (known.has(need)) continue;
    const suggestion = report.isFull ? undefined : nearestName(need, [...known]);
    const message = `no requirement is called ${JSON.stringify(need)}`;
    report.error([...path, "needs", index], { code: "unknown-requirement", message, suggestion });
  }
}

function checkCircle(capabilities: readonly Requirement[], report: Report): void {
  const needs = new Map<string, readonly string[]>();
  for (const one of capabilities) needs.set(one.id, [...(needs.get(one.id) ?? []), ...one.needs]);
  const circle = circleIn(needs);
  if (circle === undefined) return;
  const [first = "", second = ""] = circle;
  const index = capabilities.findIndex((one) => one.id === first && one.needs.includes(second));
  const at = capabilities[index]?.needs.indexOf(second) ?? 0;
  const message = `these wait for each other, and none can be the first: ${circle.join(" -> ")}`;
  report.error(["capabilities", index, "needs", at], { code: "requirement-circle", message });
}

const WAYS = ["actions", "template", "ask"] as const;

/** R2. */
function checkRemedy(remedy: Remedy, path: Path, { known, report }: Around): void {
  checkNeeds(remedy, path, { known, report });
  const said = WAYS.filter((way) => remedy[way] !== undefined);
  if (said.length !== 1) {
    const found = said.length === 0 ? "none of them" : said.join(" and ");
    const message = `a remedy has one of ${WAYS.join(", ")}, this has ${found}`;
    report.error(path, { code: "remedy-unclear", message });
  }
  if (remedy.with !== undefined && remedy.template === undefined) {
    report.error([...path, "with"], { code: "remedy-unclear", message: "with is for a template" }, { key: true });
  }
  checkGlobs(remedy.files, [...path, "files"], report);
  checkEstimate(remedy, path, report);
  if (remedy.acceptance !== undefined) checkQuestion(remedy.acceptance, [...path, "acceptance"], report);
}

function checkEstimate({ estimate }: Remedy, path: Path, report: Report): void {
  if (estimate === undefined) return;
  const at = [...path, "estimate"];
  const optimistic = duration(estimate.optimistic, [...at, "optimistic"], report);
  const likely = duration(estimate.likely, [...at, "likely"], report);
  const pessimistic = duration(estimate.pessimistic, [...at, "pessimistic"], report);
  if (optimistic === undefined || likely === undefined || pessimistic === undefined) return;
  if (optimistic <= likely && likely <= pessimistic) return;
  report.error(at, { code: "estimate-unordered", message: "an estimate grows: optimistic, likely, pessimistic" });
}

function duration(text: string | undefined, path: Path, report: Report): number | undefined {
  const ms = text === undefined ? undefined : parseDuration(text);
  if (text !== undefined && ms === undefined) {
    report.error(path, { code: "bad-duration", message: "a duration is a number and a unit: 30s, 5m, 2h, 1d" });
  }
  return ms;
}

/** R3. */
function checkQuestion(check: Check, path: Path, report: Report): void {
  if ("files" in check) checkGlobs(check.files, [...path, "files"], report);
  if ("reads" in check) checkGlobs(check.reads, [...path, "reads"], report);
  if (check.kind === "pattern") checkPattern(check.matches, [...path, "matches"], report);
  if (check.kind === "http" && check.body !== undefined) checkPattern(check.body, [...path, "body"], report);
  if (check.kind === "command" && check.stdout !== undefined) checkPattern(check.stdout, [...path, "stdout"], report);
  if (check.kind === "json") checkCondition(documentCondition(check.holds), [...path, "holds"], report);
}

function checkPattern(pattern: string, path: Path, report: Report): void {
  const read = linePattern(pattern);
  if (!read.ok) report.error(path, { code: "bad-pattern", message: read.message });
}

function checkCondition(read: ConditionResult, path: Path, report: Report): void {
  if (read.ok) return;
  for (const { code, message, suggestion, offset, length } of read.findings) {
    report.error(path, { code, message, suggestion }, { offset, length });
  }
}

function checkGlobs(patterns: readonly string[], path: Path, report: Report): void {
  for (const [index, pattern] of patterns.entries()) {
    try {
      compileGlob([pattern.replace(/^!/u, "")], { hidden: true });
    } catch (error) {
      const message = error instanceof Error ? error.message : "this is no pattern";
      report.error([...path, index], { code: "bad-pattern", message });
    }
  }
}
