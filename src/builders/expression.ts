import type { Json } from "#events/json.ts";
import type { SecretReference } from "#src/ports/secrets.ts";
import { isExpression, isTemplate, operand, reference, template, WRITTEN } from "./template.ts";
import type { Expression, Origin, Ref, Template } from "./template.ts";

// The two ways to make something of references: an expression of the language, and a text with expressions in it.
// Constants that are put in are escaped or written as literals: nothing in them is ever read as an expression.

/**
 * An expression (CEL): cel`size(${files.output}) > 3`. What is put in is a reference, another expression, or a value,
 * which becomes a literal. Its type is the one that is wanted where it stands, or the one that is said: cel<number>`…`;
 * whether the expression gives it is found out when the plan is checked.
 */
export function cel<T = unknown>(
  parts: TemplateStringsArray,
  ...holes: readonly (Expression<unknown> | Json)[]
): Ref<T> {
  const isAlone = holes.length === 1 && parts.raw.join("").trim() === "";
  const written = holes.map((hole) => {
    if (!isExpression(hole)) return literal(hole);
    const { expression } = hole[WRITTEN];
    return isAlone ? expression : operand(expression);
  });
  const expression = parts.raw.reduce((before, part, index) => before + (written[index - 1] ?? "") + part);
  return reference(expression.trim(), holes.flatMap(readsOf));
}

type Sayable = Template<unknown> | string | number | boolean;

/** Secrets are put into no text. */
type WithoutSecrets<Holes> = {
  readonly [I in keyof Holes]: Holes[I] extends Template<SecretReference> ? never : Holes[I];
};

/** A text with expressions in it: text`Hello ${inputs.name}`. Also with nothing but one expression it gives text. */
export function text<const Holes extends readonly Sayable[]>(
  parts: TemplateStringsArray,
  ...holes: Holes & WithoutSecrets<Holes>
): Template<string> {
  const all: readonly Sayable[] = holes;
  const [only] = all;
  if (all.length === 1 && parts.join("") === "" && isExpression(only)) {
    // Two expressions are a text, whatever they give.
    return template({ text: `${only[WRITTEN].text}\${''}`, reads: only[WRITTEN].reads });
  }
  let [written, constant] = ["", parts[0] ?? ""];
  for (const [index, hole] of all.entries()) {
    if (isTemplate(hole)) {
      written += withoutDollarsAtEnd(constant) + hole[WRITTEN].text;
      constant = "";
    } else constant += String(hole);
    constant += parts[index + 1] ?? "";
  }
  return template({ text: written + escaped(constant), reads: all.flatMap(readsOf) });
}

/** A text that stands for itself, as the language writes it. */
export function escaped(value: string): string {
  return value.split("${").join("$${");
}

/** A dollar before an expression would make it a text. */
function withoutDollarsAtEnd(value: string): string {
  const [dollars] = /\$*$/.exec(value) ?? [""];
  const rest = escaped(value.slice(0, value.length - dollars.length));
  return dollars === "" ? rest : `${rest}\${'${dollars}'}`;
}

/** A value as CEL writes it. A minus would become one of what stands before it. */
function literal(value: unknown): string {
  if (isTemplate(value)) throw new TypeError(`a text is no part of an expression: ${value[WRITTEN].text}`);
  if (typeof value === "number") return value < 0 ? `(${number(value)})` : number(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([name, part]) => `${JSON.stringify(name)}: ${literal(part)}`);
  return `{${entries.join(", ")}}`;
}

/** An integer that a double cannot tell from its neighbours is written as a double. */
function number(value: number): string {
  const written = JSON.stringify(value);
  return Number.isInteger(value) && !Number.isSafeInteger(value) && !written.includes("e") ? `${written}.0` : written;
}

function readsOf(hole: unknown): readonly Origin[] {
  return isTemplate(hole) ? hole[WRITTEN].reads : [];
}
