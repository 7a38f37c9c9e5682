import type { Json, JsonObject } from "#events/json.ts";
import { isJsonList } from "#events/json.ts";
import { splitTemplate } from "#machines/expressions/template-text.ts";
import { expressionOf, literal, stringOf, type Piece } from "#src/language/literal.ts";
import { MAX_PLAN_BYTES } from "#src/language/parse.ts";
import { usesIn } from "#src/templates/parameter-uses.ts";

// Puts values where a template names its parameters.
//
// F1. A value is data: whatever is in it, the plan reads it as it is, and never as an expression.
// F2. A string that is nothing but one parameter becomes the value, of its own type. In a text it is written as text; inside a larger
//     expression it is a literal of that.
// F3. What is put in counts: a value that stands in many places makes no plan larger than a plan may be.

export type Filled = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly bytes: number };

/** Every parameter that is named has a value. */
export function filled(part: Json, values: JsonObject): Filled {
  const filling = new Filling(values);
  const value = filling.part(part);
  return filling.left < 0 ? { ok: false, bytes: MAX_PLAN_BYTES - filling.left } : { ok: true, value };
}

class Filling {
  readonly #values: JsonObject;
  readonly #sizes = new Map<string, number>();
  left = MAX_PLAN_BYTES;

  constructor(values: JsonObject) {
    this.#values = values;
  }

  part(part: Json): Json {
    if (this.left < 0) return null;
    if (typeof part === "string") return this.#string(part);
    if (isJsonList(part)) return part.map((inner) => this.part(inner));
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, this.part(inner)]));
  }

  #string(text: string): Json {
    if (!text.includes("parameters")) return text;
    const split = splitTemplate(text);
    if (!split.ok) return text;
    const [only] = split.parts;
    if (split.parts.length === 1 && only?.kind === "expression") {
      const name = onlyUse(only.text);
      if (name !== undefined) return literal(this.#taken(name));
    }
    return stringOf(split.parts.map((part) => (part.kind === "text" ? part : this.#piece(part.text))));
  }

  #piece(expression: string): Piece {
    const name = onlyUse(expression);
    const value = name === undefined ? undefined : this.#taken(name);
    if (typeof value === "string") return { text: value };
    if (typeof value === "boolean") return { text: String(value) };
    return { expression: this.#expression(expression) };
  }

  #expression(expression: string): string {
    const uses = usesIn(expression);
    if ("code" in uses) return expression;
    let written = "";
    let at = 0;
    for (const { name, start, end } of uses) {
      if (this.left < 0) return "";
      written += expression.slice(at, start) + expressionOf(this.#taken(name));
      at = end;
    }
    return written + expression.slice(at);
  }

  #taken(name: string): Json {
    const value = Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
    if (value === undefined) return null;
    const size = this.#sizes.get(name) ?? Buffer.byteLength(JSON.stringify(value));
    this.#sizes.set(name, size);
    this.left -= size;
    return this.left < 0 ? null : value;
  }
}

/** The name where the expression is nothing but `parameters.NAME`. */
function onlyUse(expression: string): string | undefined {
  const uses = usesIn(expression);
  if ("code" in uses || uses.length !== 1) return undefined;
  const [use] = uses;
  const isAll = use !== undefined && expression.slice(use.start, use.end) === expression.trim();
  return isAll ? use.name : undefined;
}
