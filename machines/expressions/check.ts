import { fieldType, indexType, suggested } from "#machines/expressions/access-types.ts";
import { accumulatedType } from "#machines/expressions/accumulated-type.ts";
import type { Problem } from "#machines/expressions/access-types.ts";
import type { Expression, ExpressionOf, Visitor } from "#machines/expressions/expression-tree.ts";
import { visit } from "#machines/expressions/expression-tree.ts";
import * as types from "#machines/expressions/expression-type.ts";
import type { ExpressionType } from "#machines/expressions/expression-type.ts";
import type { Remark } from "#machines/expressions/finding.ts";
import { overloadsOf } from "#machines/expressions/functions/table.ts";
import { typeOfValue } from "#machines/expressions/json-schema.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import { arithmeticType, isComparable, negatedType } from "#machines/expressions/operator-types.ts";
import type { TypeScope } from "#machines/expressions/type-scope.ts";

// The type of an expression in a scope. A part that cannot work is remarked once and counts as `dyn` from there on, so that
// one mistake gives one remark.

export interface CheckedExpression {
  readonly type: ExpressionType;
  readonly remarks: readonly Remark[];
}

/** `locals`: types of the variables of macros that it stands in, by slot. */
export function checkExpression(
  expression: Expression,
  scope: TypeScope,
  locals: readonly ExpressionType[] = [],
): CheckedExpression {
  const check: Check = { scope, remarks: [], locals: [...locals], wrong: types.DYN };
  return { type: typeOf(expression, check), remarks: check.remarks };
}

interface Check {
  readonly scope: TypeScope;
  readonly remarks: Remark[];
  /** Types of the macro variables, by slot. */
  readonly locals: ExpressionType[];
  /** What a part that cannot work counts as. */
  readonly wrong: ExpressionType;
}

function typeOf(expression: Expression, check: Check): ExpressionType {
  return visit(checkers, expression, check);
}

const checkers: Visitor<Check, ExpressionType> = {
  literal: ({ value }) => (typeof value === "bigint" ? types.INT : typeOfValue(value)),
  inputs: (_, { scope }) => scope.inputs,
  output: checkOutput,
  hasOutput: (expression, check) => {
    checkOutput({ ...expression, kind: "output" }, check);
    return types.BOOL;
  },
  errors: checkErrors,
  variable: checkVariable,
  local: ({ slot }, { locals }) => locals[slot] ?? types.DYN,
  select: (expression, check) => checkField(expression, check),
  has: (expression, check) => {
    checkField(expression, check);
    return types.BOOL;
  },
  index: (expression, check) => {
    const [object, index] = [typeOf(expression.object, check), typeOf(expression.index, check)];
    return orRemark(indexType(object, index), expression.index, check);
  },
  call: checkCall,
  matches: ({ text }, check) => expectKind(text, "string", check),
  macro: checkMacro,
  reduce: checkReduce,
  list: ({ items }, check) => {
    const elements = items.map((item) => typeOf(item, check));
    return types.listOf(types.lazily(() => types.joinAll(elements)));
  },
  map: checkMap,
  conditional: (expression, check) => {
    expectKind(expression.condition, "bool", check);
    return types.join(typeOf(expression.whenTrue, check), typeOf(expression.whenFalse, check));
  },
  logical: ({ left, right }, check) => {
    expectKind(left, "bool", check);
    return expectKind(right, "bool", check);
  },
  not: ({ operand }, check) => expectKind(operand, "bool", check),
  negate: (expression, check) => {
    const operand = typeOf(expression.operand, check);
    const message = `there is no - ${types.describeType(operand)}`;
    return negatedType(operand) ?? remark(check, expression, { code: "wrong-operand", message });
  },
  arithmetic: checkArithmetic,
  comparison: checkComparison,
};

function checkOutput(expression: ExpressionOf<"output">, check: Check): ExpressionType {
  const { step } = expression;
  const type = check.scope.stepOutput(step);
  if (type !== undefined) return type;
  const start = expression.start;
  const suggestion = nearestName(step, check.scope.stepIds());
  const message = `there is no step ${step}`;
  return remark(check, { start, end: expression.end }, suggested({ code: "unknown-step", message }, suggestion));
}

function checkErrors(expression: ExpressionOf<"errors">, check: Check): ExpressionType {
  checkOutput({ ...expression, kind: "output" }, check);
  const type = check.scope.stepErrors?.(expression.step);
  if (type !== undefined || check.scope.stepErrors === undefined) return type ?? types.DYN;
  const message = `${expression.step} goes over no list: only an each has errors`;
  return remark(check, expression, { code: "unknown-step-part", message });
}

function checkVariable(expression: ExpressionOf<"variable">, check: Check): ExpressionType {
  const type = check.scope.variable(expression.name);
  if (type !== undefined) return type;
  const suggestion = nearestName(expression.name, ["inputs", "steps", ...check.scope.variableNames()]);
  const message = `there is no ${expression.name}; an expression reads inputs.<name> and steps.<id>.output`;
  return remark(check, expression, suggested({ code: "unknown-name", message }, suggestion));
}

function checkField(expression: ExpressionOf<"select"> | ExpressionOf<"has">, check: Check): ExpressionType {
  const { name, nameStart } = expression;
  const place = { start: nameStart, end: nameStart + name.length };
  return orRemark(fieldType(typeOf(expression.object, check), name), place, check);
}

function checkCall(expression: ExpressionOf<"call">, check: Check): ExpressionType {
  const { name } = expression;
  const given = expression.arguments.map((argument) => typeOf(argument, check));
  const overloads = overloadsOf(name, given.length);
  const fitting = overloads.filter(({ parameters }) =>
    parameters.every((parameter, index) => parameter.accepts(given[index] ?? types.DYN)),
  );
  if (fitting.length === 0) {
    const wanted = overloads.map(({ signature }) => signature).join(" or ");
    const message = `${wanted} is wanted, this is ${name}(${given.map((type) => types.describeType(type)).join(", ")})`;
    return remark(check, expression, { code: "wrong-argument", message });
  }
  return types.joinAll(fitting.map(({ result }) => (typeof result === "function" ? result(given) : result)));
}

function checkMacro(expression: ExpressionOf<"macro">, check: Check): ExpressionType {
  const { macro, range, slot } = expression;
  const element = elementType(typeOf(range, check));
  const local = element ?? remark(check, range, { code: "wrong-operand", message: `${macro} wants a list or a map` });
  check.locals[slot] = local;
  if (expression.condition !== undefined) expectKind(expression.condition, "bool", check);
  const value = expression.value === undefined ? local : typeOf(expression.value, check);
  return macro === "filter" || macro === "map" ? types.listOf(() => value) : types.BOOL;
}

function checkReduce(expression: ExpressionOf<"reduce">, check: Check): ExpressionType {
  const { range, initial, value, accumulated, slot } = expression;
  const element = elementType(typeOf(range, check));
  const start = typeOf(initial, check);
  check.locals[slot] =
    element ?? remark(check, range, { code: "wrong-operand", message: "reduce wants a list or a map" });
  const typeAfter = (type: ExpressionType, within: Check): ExpressionType => {
    within.locals[accumulated] = type;
    return typeOf(value, within);
  };
  // What is wrong with a type that is only tried is no mistake yet, and makes no other type.
  const settled = accumulatedType(start, (type) => typeAfter(type, { ...check, remarks: [], wrong: types.NEVER }));
  return types.join(start, typeAfter(settled, check));
}

/** What a macro runs over: elements of a list, keys of a map. */
export function elementType(range: ExpressionType): ExpressionType | undefined {
  const elements = types.members(range).flatMap((member): ExpressionType[] => {
    if (member.kind === "list") return [member.element()];
    if (member.kind === "map") return [types.STRING];
    return types.mayBe(member, []) ? [types.DYN] : [];
  });
  return elements.length === 0 ? undefined : types.joinAll(elements);
}

function checkMap({ entries }: ExpressionOf<"map">, check: Check): ExpressionType {
  const fields = new Map<string, types.Field>();
  const others: ExpressionType[] = [];
  for (const [key, value] of entries) {
    const [keyType, valueType] = [typeOf(key, check), typeOf(value, check)];
    if (!types.mayBe(keyType, ["string"])) {
      remark(check, key, { code: "wrong-operand", message: "a key of a map is a string" });
    }
    if (key.kind === "literal" && typeof key.value === "string") {
      fields.set(key.value, { type: () => valueType, required: true });
    } else others.push(valueType);
  }
  if (others.length === 0) return { kind: "map", fields, closed: true };
  const all = types.joinAll([...others, ...[...fields.values()].map((field) => field.type())]);
  return { kind: "map", fields: new Map(), closed: false, rest: () => all };
}

function checkArithmetic(expression: ExpressionOf<"arithmetic">, check: Check): ExpressionType {
  const { operator } = expression;
  const [left, right] = [typeOf(expression.left, check), typeOf(expression.right, check)];
  const type = arithmeticType(operator, left, right);
  if (type !== undefined) return type;
  const isText = operator === "+" && (types.mayBe(left, ["string"]) || types.mayBe(right, ["string"]));
  const hint = isText ? "; string(x) makes a text" : "";
  const message = `there is no ${types.describeType(left)} ${operator} ${types.describeType(right)}${hint}`;
  return remark(check, expression, { code: "wrong-operand", message });
}

function checkComparison(expression: ExpressionOf<"comparison">, check: Check): ExpressionType {
  const { operator } = expression;
  const [left, right] = [typeOf(expression.left, check), typeOf(expression.right, check)];
  if (isComparable(operator, left, right)) return types.BOOL;
  const [a, b] = [types.describeType(left), types.describeType(right)];
  if (operator === "==" || operator === "!=" || operator === "in") {
    const problem = { code: "never-equal", message: `${a} is never ${operator === "in" ? "in" : "equal to"} ${b}` };
    remark(check, expression, suggested(problem, nearestText(left, right) ?? nearestText(right, left)));
  } else remark(check, expression, { code: "wrong-operand", message: `there is no ${a} ${operator} ${b}` });
  return types.BOOL;
}

/** Which of the known texts a literal may have meant. */
function nearestText(literal: ExpressionType, known: ExpressionType): string | undefined {
  const candidates = types.members(known).flatMap((member) => (member.kind === "string" ? (member.values ?? []) : []));
  const written = literal.kind === "string" && literal.values?.length === 1 ? literal.values[0] : undefined;
  return written === undefined ? undefined : nearestName(written, candidates);
}

function expectKind(expression: Expression, kind: "bool" | "string", check: Check): ExpressionType {
  const type = typeOf(expression, check);
  if (!types.mayBe(type, [kind])) {
    const message = `a ${kind} is wanted, this is ${types.describeType(type)}`;
    remark(check, expression, { code: "wrong-operand", message });
  }
  return types.BOOL;
}

function orRemark(
  result: ExpressionType | Problem,
  place: { start: number; end: number },
  check: Check,
): ExpressionType {
  return "code" in result ? remark(check, place, result) : result;
}

function remark(check: Check, { start, end }: { start: number; end: number }, problem: Problem): ExpressionType {
  check.remarks.push({ ...problem, start, end });
  return check.wrong;
}
