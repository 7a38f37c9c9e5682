import type { Json } from "#events/json.ts";
import { isJsonList, isJsonObject } from "#events/json.ts";
import { parseExpression } from "#machines/expressions/expression.ts";
import type { Path, Remark } from "#src/language/finding.ts";
import { splitTemplate } from "#machines/expressions/template-text.ts";

// Where parameters are used: `parameters.NAME` anywhere in an expression, with its place in the expression's text. What is no
// expression that can be read is left to the check of the plan, which says what is wrong with it.

export interface ParameterUse {
  readonly name: string;
  /** Offsets in the expression's text, `end` exclusive. */
  readonly start: number;
  readonly end: number;
}

/** In the order of the text; a problem where parameters are used without naming one. */
export function usesIn(expression: string): readonly ParameterUse[] | Remark {
  if (!expression.includes(ROOT)) return [];
  const parsed = parseExpression(expression);
  if (!parsed.ok) return [];
  const uses = usesWithin(parsed.compiled.tree);
  const named = uses.filter((use): use is ParameterUse => !("code" in use));
  return named.length < uses.length ? NOT_NAMED : named.sort((one, other) => one.start - other.start);
}

/** Of a part of the tree, whatever its kind. */
function usesWithin(part: unknown): readonly (ParameterUse | typeof NOT_NAMED)[] {
  if (Array.isArray(part)) return part.flatMap(usesWithin);
  if (!isJsonObject(part)) return [];
  if (isRoot(part)) return [NOT_NAMED];
  const { kind, object, name, start, end } = part;
  if (kind === "select" && isRoot(object) && typeof name === "string") {
    return [{ name, start: Number(start), end: Number(end) }];
  }
  // A compiled pattern is no part of the tree.
  return Object.entries(part).flatMap(([key, inner]) => (key === "pattern" ? [] : usesWithin(inner)));
}

/** All that a value uses, wherever: the problems too, with their places. */
export function usesOf(value: Json): {
  readonly names: ReadonlyMap<string, Path>;
  readonly problems: readonly (Remark & { readonly path: Path })[];
} {
  const names = new Map<string, Path>();
  const problems: (Remark & { readonly path: Path })[] = [];
  const look = (text: string, path: Path): void => {
    const split = splitTemplate(text);
    for (const part of split.ok ? split.parts : []) {
      if (part.kind === "text") continue;
      const uses = usesIn(part.text);
      if ("code" in uses) problems.push({ ...uses, path });
      else for (const { name } of uses) if (!names.has(name)) names.set(name, path);
    }
  };
  const visit = (part: Json, path: Path): void => {
    if (typeof part === "string") look(part, path);
    else if (isJsonList(part)) part.forEach((inner, at) => visit(inner, [...path, at]));
    else if (isJsonObject(part)) {
      for (const [key, inner] of Object.entries(part)) {
        if (key.includes("${" + ROOT)) problems.push({ ...IN_KEY, path: [...path, key] });
        visit(inner, [...path, key]);
      }
    }
  };
  visit(value, []);
  return { names, problems };
}

const ROOT = "parameters";
const NOT_NAMED: Remark = {
  code: "parameter-not-named",
  message: "a parameter is named, and always there: parameters.<name>",
};
const IN_KEY: Remark = {
  code: "parameter-in-key",
  message: "a key is what it is written as: a parameter can only stand in a value",
};

function isRoot(part: unknown): boolean {
  return isJsonObject(part) && part["kind"] === "variable" && part["name"] === ROOT;
}
