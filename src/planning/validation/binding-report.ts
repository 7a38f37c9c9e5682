import type { Json, JsonObject } from "#events/json.ts";
import type { ExpressionType } from "#machines/expressions/expression-type.ts";
import * as types from "#machines/expressions/expression-type.ts";
import { MAX_TEMPLATE_DEPTH } from "#machines/expressions/limits.ts";
import { isPlain } from "#machines/expressions/template-text.ts";
import { pathText, type Path } from "#src/language/finding.ts";
import type { ValidationFinding } from "#src/planning/validation/grounds.ts";
import { looseEnds, type LooseEnd } from "#src/planning/validation/loose-ends.ts";
import { orPlanNull, type Reading } from "#src/planning/validation/narrowed-types.ts";
import { readCondition, readTemplate, type PlacedGap } from "#src/planning/validation/templates.ts";

// What may not be there, in words and with its place.
//
// R1. What the plan's own words make possible is an error: there is a branch on which the step fails. What only a schema allows is a
//     warning: the tool may know better.

export class BindingReport {
  readonly #findings = new Map<string, ValidationFinding>();
  #called: Called | undefined;

  findings(): readonly ValidationFinding[] {
    return [...this.#findings.values()];
  }

  /** Whatever is found meanwhile is in a called plan. */
  within<T>(called: Called, look: () => T): T {
    const around = this.#called;
    this.#called = around === undefined ? called : { ...called, path: around.path };
    const result = look();
    this.#called = around;
    return result;
  }

  /** Gives the template's type. */
  template(source: Json, path: Path, reading: Reading): ExpressionType {
    const { type, gaps } = readTemplate(source, reading);
    for (const gap of gaps) this.#gap(gap, path);
    return type;
  }

  condition(text: string, path: Path, reading: Reading): void {
    for (const gap of readCondition(text, reading)) this.#gap(gap, path);
  }

  /** What a block gives: null, and no mistake, where what it reads did not run. */
  output(source: Json, path: Path, reading: Reading): ExpressionType {
    const { type, gaps } = readTemplate(source, reading);
    for (const gap of gaps) if (gap.kind !== "unbound") this.#gap(gap, path);
    return gaps.some(({ kind }) => kind === "unbound") ? orPlanNull(type) : type;
  }

  /**
   * `path` is that of the mapping that has `with`. An argument without an expression is the same on every branch, and the language's check
   * has held the value itself against the schema.
   */
  arguments(given: JsonObject = {}, { wanted, path }: Wanted, reading: Reading): void {
    const moving = Object.entries(given).filter(([, value]) => !isPlain(value, MAX_TEMPLATE_DEPTH));
    const typed = moving.map(([name, value]) => {
      const place = [...path, "with", name];
      return { name, place, type: this.template(value, place, reading) };
    });
    const [expected] = types.members(wanted).filter((member) => member.kind === "map");
    for (const { name, place, type } of typed) {
      const argument = expected?.fields.get(name);
      if (argument === undefined) continue;
      for (const end of looseEnds(type, argument.type())) this.#looseEnd(end, place);
    }
  }

  fallback(type: ExpressionType, own: ExpressionType, path: Path): void {
    for (const end of looseEnds(type, own)) {
      const message = `what this fallback gives may not fit what the step's own tool gives: ${lackOf(end)}`;
      this.#add({
        code: "fallback-may-not-fit",
        severity: severityOf(end),
        message,
        path,
      });
    }
  }

  #gap(gap: PlacedGap, path: Path): void {
    const { kind, read, instead, offset } = gap;
    const spot = { offset, length: gap.end - gap.start };
    const place = [...path, ...gap.path];
    this.#add({
      ...CODES[kind](read),
      severity: severityOf(gap),
      path: place,
      suggestion: instead,
      spot,
    });
  }

  #looseEnd(end: LooseEnd, path: Path): void {
    const code = end.kind === "null" ? "may-be-null" : "may-be-missing";
    this.#add({
      code,
      severity: severityOf(end),
      message: `the argument may not fit: ${lackOf(end)}`,
      path,
    });
  }

  #add(finding: ValidationFinding): void {
    const called = this.#called;
    const placed = called === undefined ? finding : inCalled(finding, called);
    this.#findings.set(`${placed.code} ${pathText(placed.path)} ${placed.message}`, placed);
  }
}

interface Called {
  /** Its key. */
  readonly plan: string;
  /** Of the call. */
  readonly path: Path;
}

interface Wanted {
  readonly wanted: ExpressionType;
  readonly path: Path;
}

/** The text is another one's, so there is no spot in this one. */
function inCalled({ spot: _, ...finding }: ValidationFinding, { plan, path }: Called): ValidationFinding {
  const message = `in the plan ${plan}, ${pathText(finding.path)}: ${finding.message}`;
  return { ...finding, path, message };
}

const CODES: Readonly<
  Record<PlacedGap["kind"], (read: string) => { readonly code: string; readonly message: string }>
> = {
  unbound: (read) => ({
    code: "unbound-output",
    message: `${read} is not there where that step was skipped, has lost or still runs`,
  }),
  null: (read) => ({
    code: "may-be-null",
    message: `${read} may be null, and null has no value to go on with`,
  }),
  missing: (read) => ({
    code: "may-be-missing",
    message: `${read} may not be there: the schema does not require it`,
  }),
};

function severityOf({ isCertain }: { readonly isCertain: boolean }): ValidationFinding["severity"] {
  return isCertain ? "error" : "warning";
}

function lackOf({ kind, path, name = "" }: LooseEnd): string {
  const place = pathText(path);
  if (kind === "null") return place === "" ? "it may be null" : `${place} may be null`;
  return place === "" ? `it may lack ${name}` : `${place} may lack ${name}`;
}
