import { parsePlan, type PlanSource } from "#src/language/parse.ts";
import type { Finding } from "#src/language/finding.ts";
import { templateLibrary, type TemplateLibrary } from "#src/templates/library.ts";
import type { WholeTemplate } from "#src/templates/template.ts";

export function sourceOf(text: string, file = "t.template.yaml"): PlanSource {
  const parsed = parsePlan(text, { file });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.findings));
  return parsed.source;
}

/** A library of one place. */
export function libraryOf(...texts: readonly string[]): TemplateLibrary {
  return templateLibrary([{ name: "here", sources: texts.map((text, at) => sourceOf(text, `${at}.template.yaml`)) }]);
}

/** The template of a text, with whatever it extends behind it. */
export function templateOf(text: string, ...others: readonly string[]): WholeTemplate {
  const library = libraryOf(text, ...others);
  const template = library.templates.find(({ source }) => source.file === "0.template.yaml");
  if (template === undefined) throw new Error(JSON.stringify(library.findings));
  return template;
}

export function codes(findings: readonly Pick<Finding, "code">[]): readonly string[] {
  return findings.map(({ code }) => code);
}
