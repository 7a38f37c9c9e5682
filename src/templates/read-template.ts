import type { Json, JsonObject } from "#events/json.ts";
import { isJsonObject } from "#events/json.ts";
import { describeJson } from "#machines/expressions/describe-json.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import type { Finding } from "#src/language/finding.ts";
import { readInputs, type InputDefinitions } from "#src/language/inputs-draft.ts";
import type { PlanSource } from "#src/language/parse.ts";
import { Report } from "#src/language/report.ts";
import { readPart } from "#src/language/structure.ts";
import type { FileFields } from "#src/templates/file-schema.ts";
import * as schema from "#src/templates/file-schema.ts";
import { usesOf } from "#src/templates/parameter-uses.ts";
import { NO_POLICIES } from "#src/templates/policies.ts";
import type { Policies, Template, TemplateKind, TemplateTest } from "#src/templates/template.ts";

// From the source of a template file to the template: its own words, its parameters, and whether it names only those.
//
// R1. One pass finds all there is to find; a template is given out only where nothing is wrong.
// R2. Which parameters a template has is known with what it extends: names are checked there (inheritance.ts).

export interface ReadTemplate {
  /** Undefined where something is wrong. */
  readonly template?: Template;
  readonly findings: readonly Finding[];
}

/** Codes: unknown-word, wrong-type, bad-template-name, bad-version, template-unclear, parameter-not-named, parameter-in-key, and those of inputs. */
export function readTemplate(source: PlanSource): ReadTemplate {
  const report = new Report(source, source.root);
  const { value } = source.root;
  if (!isJsonObject(value)) {
    report.error([], { code: "wrong-type", message: `a template is a mapping, this is ${describeJson(value)}` });
    return { findings: report.findings() };
  }
  const fields = readPart(schema.fileFields, { value, path: [], vocabulary: schema.FILE }, report);
  const kind = kindOf(value, report);
  const said = partOf(value.for, { path: ["for"], vocabulary: schema.FOR, fields: schema.forFields }, report);
  const parameters = readInputs(isJsonObject(value.parameters) ? value.parameters : {}, report, "parameters");
  const policies = policiesOf(value.policies, report);
  const tests = testsOf(value.tests, report);
  const body = bodyOf(value, kind);
  checkUses({ body, policies }, { kind, report });
  if (fields === undefined || report.hasErrors) return { findings: report.findings() };
  const template = {
    ...named(fields),
    ...{ kind, parameters, policies, body, tests, source },
    ...{ requests: said?.requests ?? [], actions: said?.actions ?? [] },
  };
  return { template, findings: report.findings() };
}

type Named = Pick<Template, "name" | "version" | "title" | "description" | "extends">;

function named({ template: name, version, title, description, extends: extended }: FileFields): Named {
  return {
    ...{ name, version },
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(extended === undefined ? {} : { extends: extended }),
  };
}

function kindOf(value: JsonObject, report: Report): TemplateKind {
  const kinds = (["plan", "step"] as const).filter((word) => Object.hasOwn(value, word));
  if (kinds.length > 1) {
    report.error(
      ["step"],
      { code: "template-unclear", message: "a template is a plan or a step, not both" },
      { key: true },
    );
  }
  const kind = kinds[0] ?? "policies";
  if (kind === "policies" && !Object.hasOwn(value, "policies")) {
    const message = "a template has a plan, a step, or policies for others";
    report.error([], { code: "template-unclear", message });
  }
  return kind;
}

function bodyOf(value: JsonObject, kind: TemplateKind): JsonObject {
  const body = kind === "policies" ? undefined : value[kind];
  return isJsonObject(body) ? body : {};
}

type Inner<T> = Omit<Parameters<typeof readPart<T>>[1], "value"> & {
  readonly fields: Parameters<typeof readPart<T>>[0];
};

function partOf<T>(value: Json | undefined, { fields, ...part }: Inner<T>, report: Report): T | undefined {
  return isJsonObject(value) ? readPart(fields, { ...part, value }, report) : undefined;
}

function policiesOf(value: Json | undefined, report: Report): Policies {
  const read = partOf(value, { path: ["policies"], vocabulary: schema.POLICIES, fields: schema.policyFields }, report);
  if (read === undefined) return NO_POLICIES;
  const words = (part: "plan" | "tool"): JsonObject => {
    const { fields, vocabulary } = schema.POLICY_WORDS[part];
    const given = read[part];
    if (given === undefined) return {};
    partOf(given, { path: ["policies", part], vocabulary, fields }, report);
    return given;
  };
  return { plan: words("plan"), tool: words("tool") };
}

function testsOf(value: Json | undefined, report: Report): readonly TemplateTest[] {
  if (!Array.isArray(value)) return [];
  const given: readonly Json[] = value;
  return given.slice(0, schema.MAX_TESTS).flatMap((one, at) => testOf(one, at, report));
}

function testOf(value: Json, at: number, report: Report): readonly TemplateTest[] {
  const path = ["tests", at];
  const read = partOf(value, { path, vocabulary: schema.TEST, fields: schema.testFields }, report);
  if (read === undefined) return [];
  const expected = partOf(
    read.expect,
    { path: [...path, "expect"], vocabulary: schema.EXPECT, fields: schema.expectFields },
    report,
  );
  const { plan, step, findings } = expected ?? {};
  const source = plan ?? step;
  const expect = { ...(source === undefined ? {} : { source }), ...(findings === undefined ? {} : { findings }) };
  const { name = `test ${at + 1}`, with: values, beside } = read;
  return [{ name, with: values, ...(beside === undefined ? {} : { beside }), expect }];
}

interface Using {
  readonly body: JsonObject;
  readonly policies: Policies;
}

function checkUses(
  { body, policies }: Using,
  { kind, report }: { readonly kind: TemplateKind; readonly report: Report },
): void {
  const parts = [
    { value: body, path: [kind] },
    { value: { ...policies }, path: ["policies"] },
  ];
  for (const { value, path } of parts)
    for (const problem of usesOf(value).problems) report.error([...path, ...problem.path], problem);
}

/** Names that are used and not declared, and declared and not used. Codes: unknown-parameter, unused-parameter (a warning). */
export function checkNames(
  template: Template,
  inherited: Using & { readonly parameters: InputDefinitions },
): readonly Finding[] {
  const { source, kind, body, policies } = template;
  const report = new Report(source, source.root);
  const known = Object.keys(inherited.parameters);
  const used = new Set(usesOf({ body: inherited.body, policies: { ...inherited.policies } }).names.keys());
  const own = [
    { uses: usesOf(body), path: [kind] },
    { uses: usesOf({ ...policies }), path: ["policies"] },
  ];
  for (const { uses, path } of own) {
    for (const [name, at] of uses.names) {
      if (known.includes(name)) continue;
      const message = `the template has no parameter ${JSON.stringify(name)}`;
      report.error([...path, ...at], { code: "unknown-parameter", message, suggestion: nearestName(name, known) });
    }
  }
  for (const name of Object.keys(template.parameters)) {
    if (used.has(name)) continue;
    const message = `nothing uses the parameter ${name}`;
    report.warning(["parameters", name], { code: "unused-parameter", message }, { key: true });
  }
  return report.findings();
}
