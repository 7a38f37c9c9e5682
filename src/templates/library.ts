import semver from "semver";
import type { Finding, Remark } from "#src/language/finding.ts";
import type { PlanSource } from "#src/language/parse.ts";
import { Report } from "#src/language/report.ts";
import { findIn } from "#src/templates/find-template.ts";
import { Inheritance } from "#src/templates/inheritance.ts";
import { readTemplate } from "#src/templates/read-template.ts";
import { keyOf, type Template, type WholeTemplate } from "#src/templates/template.ts";

// All templates of the places that are looked at, each with what it inherits.
//
// L1. What is wrong with one file is a finding of that file; all others are there.
// L2. Two files of one place with the same name and version are both left out: which one counts must not depend on an order.
// L3. Of two places the one that is named first counts, and the other one's template is told as shadowed.

export interface TemplatePlace {
  /** A folder, or the name of a package. */
  readonly name: string;
  readonly sources: readonly PlanSource[];
}

export interface TemplateLibrary {
  /** By name, the newest version first. */
  readonly templates: readonly WholeTemplate[];
  readonly findings: readonly Finding[];
  /** The newest of `name` or `name@range`. Codes: unknown-template, no-such-version, bad-version-range. */
  find(reference: string): WholeTemplate | Remark;
}

export function templateLibrary(places: readonly TemplatePlace[]): TemplateLibrary {
  const findings: Finding[] = [];
  const known = new Map<string, Placed>();
  for (const { name: place, sources } of places) {
    const own = readPlace(sources, findings);
    for (const template of own) {
      const key = keyOf(template);
      const other = known.get(key);
      if (other === undefined) known.set(key, { template, place });
      else findings.push(...shadowed(template, other));
    }
  }
  const inheritance = new Inheritance([...known.values()].map(({ template }) => template));
  const templates = [...known.values()].flatMap(({ template, place }): readonly WholeTemplate[] => {
    const { whole, findings: found } = inheritance.of(template);
    findings.push(...found);
    return whole === undefined ? [] : [{ ...whole, place }];
  });
  const sorted = templates.toSorted(byName);
  return { templates: sorted, findings, find: (reference) => findIn(sorted, reference) };
}

interface Placed {
  readonly template: Template;
  readonly place: string;
}

/** L2. */
function readPlace(sources: readonly PlanSource[], findings: Finding[]): readonly Template[] {
  const known = new Map<string, Template[]>();
  for (const source of sources) {
    const { template, findings: found } = readTemplate(source);
    findings.push(...found);
    if (template === undefined) continue;
    const key = keyOf(template);
    known.set(key, [...(known.get(key) ?? []), template]);
  }
  return [...known.values()].flatMap((same) => {
    const [first, second] = same;
    if (first === undefined || second === undefined) return same;
    for (const [at, { source, ...template }] of same.entries()) {
      const other = same[at === 0 ? 1 : 0] ?? first;
      const message = `two files are the template ${keyOf(template)}, and neither counts: the other is ${other.source.file}`;
      findings.push(...said(source, { code: "template-twice", message }, "error"));
    }
    return [];
  });
}

function shadowed({ name, version, source }: Template, { template: other, place }: Placed): readonly Finding[] {
  const message = `${name}@${version} of ${place} (${other.source.file}) counts instead of this one`;
  return said(source, { code: "template-shadowed", message }, "warning");
}

function said(source: PlanSource, remark: Remark, severity: Finding["severity"]): readonly Finding[] {
  const report = new Report(source, source.root);
  if (severity === "error") report.error(["template"], remark);
  else report.warning(["template"], remark);
  return report.findings();
}

function byName(one: Template, other: Template): number {
  if (one.name !== other.name) return one.name < other.name ? -1 : 1;
  return semver.rcompare(one.version, other.version);
}
