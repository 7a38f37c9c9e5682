import type { Json } from "#events/json.ts";
import { isJsonObject } from "#events/json.ts";
import type { Finding as TemplateFinding } from "#machines/expressions/finding.ts";
import { compileCondition } from "#machines/expressions/condition.ts";
import type { Condition } from "#machines/expressions/condition.ts";
import type { References } from "#machines/expressions/expression-tree.ts";
import { compileTemplate } from "#machines/expressions/template.ts";
import type { Template } from "#machines/expressions/template.ts";
import type { TypeScope } from "#machines/expressions/type-scope.ts";
import type { Path, Remark } from "./finding.ts";
import type { Report } from "./report.ts";
import type { StepDraft } from "./step-draft.ts";
import { idFrom } from "./step-draft.ts";
import type { ToolStepSource } from "./source-schema.ts";
import { jsonAt } from "./structure.ts";
import type { Kind } from "./vocabulary.ts";

// The templates of a plan and what is wrong in them. The expressions room says where in a string; here that becomes a
// place in the source, and what only the language knows (a step id written with a hyphen) is said in its words.

export interface TemplateAt {
  readonly value: Json;
  readonly path: Path;
  /** An expression that is true or false; it may stand without `${ }`. */
  readonly isCondition?: boolean;
}

/** Every template of a step. */
export function templatesOf(draft: StepDraft): readonly TemplateAt[] {
  if (draft.kind === "opaque") return [];
  const { path, source } = draft;
  return [
    ...templatesOfKind(draft),
    ...templateAt(source.when, [...path, "when"], { isCondition: true }),
    ...source.fallback.flatMap((alternative, index) => {
      const inner = [...path, "fallback", index];
      if ("value" in alternative) return templateAt(alternative.value, [...inner, "value"]);
      return templateAt(alternative.with, [...inner, "with"]);
    }),
  ];
}

type KnownDraft<K = unknown> = Extract<Exclude<StepDraft, { kind: "opaque" }>, { kind: K }>;

function templatesOfKind<K extends Kind>(draft: KnownDraft<K> & { kind: K }): readonly TemplateAt[] {
  return OF_KIND[draft.kind](draft);
}

const OF_KIND: { readonly [K in Kind]: (draft: KnownDraft<K>) => readonly TemplateAt[] } = {
  tool: ({ source, path }) => [
    ...templateAt(source.with, [...path, "with"]),
    ...templateAt(source.undo?.with, [...path, "undo", "with"]),
    ...templateAt(source.key, [...path, "key"]),
    ...templatesOfVerification(source.unknown, [...path, "unknown"]),
  ],
  value: ({ source, path }) => templateAt(source.value, [...path, "value"]),
  wait: ({ source, path }) => ("until" in source.wait ? templateAt(source.wait.until, [...path, "wait", "until"]) : []),
  each: ({ source, path }) => templateAt(source.each, [...path, "each"]),
  repeat: ({ source, path }) => templateAt(source.until, [...path, "until"], { isCondition: true }),
  signal: ({ source, path }) => templateAt(source.signal, [...path, "signal"]),
  approve: ({ source, path }) => templateAt(source.approve.show, [...path, "approve", "show"]),
  call: ({ source, path }) => templateAt(source.with, [...path, "with"]),
};

function templatesOfVerification(unknown: ToolStepSource["unknown"], path: Path): readonly TemplateAt[] {
  if (typeof unknown === "string") return [];
  return [
    ...templateAt(unknown.verify.with, [...path, "verify", "with"]),
    ...templateAt(unknown.done, [...path, "done"], { isCondition: true }),
    ...templateAt(unknown.output, [...path, "output"]),
  ];
}

function templateAt(
  value: Json | undefined,
  path: Path,
  kind: Pick<TemplateAt, "isCondition"> = {},
): readonly TemplateAt[] {
  return value === undefined ? [] : [{ value, path, ...kind }];
}

/** What a template or a condition reads; nothing where it cannot be read, which is reported. */
export function readReferences(template: TemplateAt, report: Report): Pick<References, "steps" | "inputs"> {
  const read = template.isCondition === true ? readCondition(template, report) : readTemplate(template, report);
  return read?.references ?? { steps: [], inputs: [] };
}

/** As `readTemplate`, for an expression that decides. */
export function readCondition(template: TemplateAt, report: Report, scope?: TypeScope): Condition | undefined {
  const text = typeof template.value === "string" ? template.value : "";
  const compiled = compileCondition(text, scope === undefined ? {} : { scope });
  if (compiled.ok) return compiled.condition;
  for (const finding of compiled.findings) reportTemplateFinding(finding, template, report);
  return undefined;
}

/** With a scope the types are checked too. Undefined when something was reported. */
export function readTemplate({ value, path }: TemplateAt, report: Report, scope?: TypeScope): Template | undefined {
  const compiled = compileTemplate(value, scope === undefined ? {} : { scope });
  if (compiled.ok) return compiled.template;
  for (const finding of compiled.findings) reportTemplateFinding(finding, { value, path }, report);
  return undefined;
}

/** The place of `steps.<id>` in a template that refers to it. */
export function placeOfReference({ value, path }: TemplateAt, id: string): { path: Path; offset: number } | undefined {
  if (typeof value === "string") {
    const offset = new RegExp(`\\bsteps\\s*\\.\\s*${id}\\b`).exec(value)?.index;
    return offset === undefined ? undefined : { path, offset };
  }
  if (typeof value !== "object" || value === null) return undefined;
  const parts: [string | number, Json][] = isJsonObject(value) ? Object.entries(value) : [...value.entries()];
  for (const [step, part] of parts) {
    const found = placeOfReference({ value: part, path: [...path, step] }, id);
    if (found !== undefined) return found;
  }
  return undefined;
}

function reportTemplateFinding(finding: TemplateFinding, template: TemplateAt, report: Report): void {
  const { code, suggestion, offset, length } = finding;
  // The suggestion has a place of its own.
  const message = finding.message.replace(/; did you mean [^?]*\?$/, "");
  const path = [...template.path, ...finding.path];
  const hyphenated = hyphenatedReference(textAt(template.value, finding.path), offset);
  if (hyphenated === undefined) report.error(path, { code, message, suggestion }, { offset, length });
  else report.error(path, hyphenated.remark, hyphenated.spot);
}

const HYPHENATED = /\bsteps\.([a-z]\w*(?:-\w+)+)/g;

/** `steps.fetch-all.output` is read as a subtraction, and what is said about that helps nobody. */
function hyphenatedReference(
  text: string,
  offset: number,
): { remark: Remark; spot: { offset: number; length: number } } | undefined {
  for (const match of text.matchAll(HYPHENATED)) {
    const [whole, id = ""] = match;
    if (offset < match.index || offset > match.index + whole.length) continue;
    const message = `${whole} is a subtraction: a step id has no hyphen`;
    const remark = { code: "hyphenated-reference", message, suggestion: `steps.${idFrom(id) ?? id}` };
    return { remark, spot: { offset: match.index, length: whole.length } };
  }
  return undefined;
}

function textAt(value: Json, path: Path): string {
  const text = jsonAt(value, path);
  return typeof text === "string" ? text : "";
}
