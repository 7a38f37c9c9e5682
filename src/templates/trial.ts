import { canonicalJson } from "#events/canonical.ts";
import type { Json, JsonObject } from "#events/json.ts";
import { isJsonList, isJsonObject } from "#events/json.ts";
import { checkPlan, type CheckOptions } from "#src/language/check.ts";
import { pathText, type Complaint, type Finding, type Path } from "#src/language/finding.ts";
import { parsePlan } from "#src/language/parse.ts";
import { instantiated } from "#src/templates/instantiate.ts";
import { keyOf, type TemplateTest, type WholeTemplate } from "#src/templates/template.ts";

// A template put to the test by the examples that it states: each gives what it says, and what it gives is a plan that could run.
//
// T1. A template without examples is tried once with its defaults, where all of its parameters have one.
// T2. What comes out is compared word for word; the first differences are named by their paths.

export interface TrialResult {
  readonly test: string;
  readonly ok: boolean;
  /** What is not as it should be, in a line each. */
  readonly problems: readonly string[];
  /** What was found, whether expected or not. */
  readonly findings: readonly (Complaint | Finding)[];
}

const MAX_DIFFERENCES = 10;

/** In the order of the file; none for policies alone, and for parameters that have no values. */
export function triedTemplate(template: WholeTemplate, check: CheckOptions): readonly TrialResult[] {
  return testsOf(template).map((test) => tried(template, test, check));
}

function testsOf({ kind, parameters, tests }: WholeTemplate): readonly TemplateTest[] {
  if (kind === "policies" || tests.length > 0) return tests;
  const hasAll = Object.values(parameters).every((parameter) => parameter.default !== undefined);
  return hasAll ? [{ name: "its defaults", with: {}, expect: {} }] : [];
}

function tried(template: WholeTemplate, test: TemplateTest, check: CheckOptions): TrialResult {
  const { name, expect } = test;
  const made = instantiated(template, test.with);
  const findings = made.ok ? checked(template, { test, source: made.source }, check) : made.findings;
  const errors = findings.filter(({ severity }) => severity === "error");
  const problems = [...findingProblems(errors, expect.findings), ...sourceProblems(made, expect.source)];
  return { test: name, ok: problems.length === 0, problems, findings };
}

function checked(
  template: WholeTemplate,
  { test, source }: { readonly test: TemplateTest; readonly source: JsonObject },
  check: CheckOptions,
): readonly Finding[] {
  const plan = template.kind === "plan" ? source : planAround(source, test.beside ?? {});
  const parsed = parsePlan(plan, { file: `${keyOf(template)} (${test.name}, as JSON)` });
  if (!parsed.ok) return parsed.findings;
  const result = checkPlan(parsed.source, check);
  return result.ok ? result.warnings : result.findings;
}

function planAround(step: JsonObject, { inputs, steps }: JsonObject): JsonObject {
  const others = isJsonObject(steps) ? steps : {};
  return { plan: "test", ...(inputs === undefined ? {} : { inputs }), steps: { ...others, [freeId(others)]: step } };
}

function freeId(others: JsonObject): string {
  let id = "step";
  while (Object.hasOwn(others, id)) id += "_";
  return id;
}

function findingProblems(errors: readonly Complaint[], expected: readonly string[] = []): readonly string[] {
  const found = new Set(errors.map(({ code }) => code));
  const missed = expected.filter((code) => !found.has(code)).map((code) => `${code} was expected, and was not found`);
  const unexpected = errors.filter(({ code }) => !expected.includes(code));
  return [...missed, ...unexpected.map(({ code, message, path }) => `${pathText(path)}: ${code}: ${message}`)];
}

function sourceProblems(made: ReturnType<typeof instantiated>, expected: JsonObject | undefined): readonly string[] {
  if (expected === undefined || !made.ok) return [];
  const differences: string[] = [];
  collectDifferences({ is: made.source, expected, path: [] }, differences);
  return differences;
}

interface Compared {
  readonly is: Json | undefined;
  readonly expected: Json | undefined;
  readonly path: Path;
}

function collectDifferences({ is, expected, path }: Compared, into: string[]): void {
  if (into.length >= MAX_DIFFERENCES) return;
  if (isJsonObject(is) && isJsonObject(expected)) {
    for (const key of new Set([...Object.keys(is), ...Object.keys(expected)]))
      collectDifferences({ is: is[key], expected: expected[key], path: [...path, key] }, into);
  } else if (isJsonList(is) && isJsonList(expected)) {
    for (let at = 0; at < Math.max(is.length, expected.length); at += 1)
      collectDifferences({ is: is[at], expected: expected[at], path: [...path, at] }, into);
  } else if (textOf(is) !== textOf(expected)) {
    into.push(`${pathText(path)} is ${textOf(is)}, expected was ${textOf(expected)}`);
  }
}

const MAX_SHOWN_CHARS = 120;

function textOf(value: Json | undefined): string {
  if (value === undefined) return "not there";
  const text = canonicalJson(value);
  return text.length <= MAX_SHOWN_CHARS ? text : `${text.slice(0, MAX_SHOWN_CHARS)}… (${text.length} characters)`;
}
