import * as types from "#machines/expressions/expression-type.ts";
import type { ExpressionType, MapType } from "#machines/expressions/expression-type.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";

// The type of a property or an element: what the checker says where `data-access` reads when it runs. A member of a union
// that has no such property is left out; there is a problem only where no member has it.

/** Why there is none. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly suggestion?: string;
}

export function fieldType(object: ExpressionType, name: string): ExpressionType | Problem {
  const found = types.members(object).flatMap((member) => {
    if (member.kind === "map") return member.fields.get(name)?.type() ?? member.rest?.() ?? [];
    return types.mayBe(member, []) ? types.DYN : [];
  });
  return found.length > 0 ? types.joinAll(found) : noField(object, name);
}

export function indexType(object: ExpressionType, index: ExpressionType): ExpressionType | Problem {
  if (index.kind === "string" && index.values?.length === 1 && types.mayBe(object, ["map"])) {
    return fieldType(object, index.values[0] ?? "");
  }
  const found = types.members(object).flatMap((member): ExpressionType[] => {
    if (member.kind === "list") return types.mayBe(index, ["int", "double"]) ? [member.element()] : [];
    if (member.kind === "map") return types.mayBe(index, ["string"]) ? [valueType(member)] : [];
    return types.mayBe(member, []) ? [types.DYN] : [];
  });
  if (found.length > 0) return types.joinAll(found);
  const message = `${types.describeType(object)} has no index of type ${types.describeType(index)}`;
  return { code: "wrong-operand", message };
}

/** What a property of the map is, whichever. */
export function valueType(map: MapType): ExpressionType {
  if (!map.closed && map.rest === undefined) return types.DYN;
  const fields = [...map.fields.values()].map((field) => field.type());
  return types.joinAll(map.rest === undefined ? fields : [...fields, map.rest()]);
}

export function suggested(problem: Problem, suggestion: string | undefined): Problem {
  if (suggestion === undefined) return problem;
  return { ...problem, message: `${problem.message}; did you mean ${suggestion}?`, suggestion };
}

function noField(object: ExpressionType, name: string): Problem {
  const names = types.members(object).flatMap((member) => (member.kind === "map" ? [...member.fields.keys()] : []));
  if (!types.members(object).some((member) => member.kind === "map")) {
    return { code: "wrong-operand", message: `${types.describeType(object)} has no property ${name}` };
  }
  return suggested({ code: "unknown-property", message: `there is no property ${name}` }, nearestName(name, names));
}
