import type { Finding, Remark } from "#src/language/finding.ts";
import { Report } from "#src/language/report.ts";
import { findIn } from "#src/templates/find-template.ts";
import { inherited } from "#src/templates/policies.ts";
import { checkNames } from "#src/templates/read-template.ts";
import { keyOf, type Template, type WholeTemplate } from "#src/templates/template.ts";

// What a template inherits: the policies and the parameters of the template that it extends, which has its own from another.
//
// I1. The child wins, word by word and name by name. Bodies, examples and tests are never inherited.
// I2. A circle is refused where it closes, and so is a line of more than MAX_LINEAGE; each template is resolved once.

const MAX_LINEAGE = 16;

type Whole = Omit<WholeTemplate, "place">;

interface Resolved {
  /** Undefined where something is wrong, with it or with what it extends. */
  readonly whole?: Whole;
  readonly findings: readonly Finding[];
}

export class Inheritance {
  readonly #templates: readonly Template[];
  readonly #known = new Map<Template, Whole | Remark>();

  constructor(templates: readonly Template[]) {
    this.#templates = templates;
  }

  /** Codes: template-cycle, extends-too-deep, extended-template-wrong, unknown-parameter, unused-parameter, and those of finding one. */
  of(template: Template): Resolved {
    const report = new Report(template.source, template.source.root);
    const whole = this.#whole(template, []);
    if ("code" in whole) {
      report.error(["extends"], whole);
      return { findings: report.findings() };
    }
    const findings = checkNames(template, whole);
    const isWrong = findings.some(({ severity }) => severity === "error");
    return isWrong ? { findings } : { whole, findings };
  }

  #whole(template: Template, children: readonly Template[]): Whole | Remark {
    const known = this.#known.get(template);
    if (known !== undefined) return known;
    const whole = this.#resolved(template, children);
    // What a circle or a long line does to those inside of it depends on where it was entered.
    if (!("code" in whole) || children.length === 0) this.#known.set(template, whole);
    return whole;
  }

  #resolved(template: Template, children: readonly Template[]): Whole | Remark {
    if (template.extends === undefined) return { ...template, lineage: [] };
    const line = [...children, template];
    if (line.length > MAX_LINEAGE) {
      const message = `more than ${MAX_LINEAGE} templates extend each other: ${textOf(line.slice(0, 3))} -> …`;
      return { code: "extends-too-deep", message };
    }
    const parent = findIn(this.#templates, template.extends);
    if ("code" in parent) return parent;
    if (line.includes(parent)) {
      const circle = [...line.slice(line.indexOf(parent)), parent];
      return { code: "template-cycle", message: `a template cannot extend itself: ${textOf(circle)}` };
    }
    const above = this.#whole(parent, line);
    if ("code" in above) {
      if (above.code === "template-cycle" || above.code === "extends-too-deep") return above;
      return { code: "extended-template-wrong", message: `${keyOf(parent)} cannot be used: ${above.message}` };
    }
    return {
      ...template,
      parameters: { ...above.parameters, ...template.parameters },
      policies: inherited(above.policies, template.policies),
      lineage: [keyOf(parent), ...above.lineage],
    };
  }
}

function textOf(line: readonly Template[]): string {
  return line.map(keyOf).join(" -> ");
}
