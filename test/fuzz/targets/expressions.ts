import { z } from "zod";
import type { Json, JsonObject } from "#events/json.ts";
import { isJsonObject } from "#events/json.ts";
import { functionNames, overloadsOf } from "#machines/expressions/functions/table.ts";
import { violationsOf } from "#machines/expressions/json-schema-check.ts";
import { compileTemplate } from "#machines/expressions/template.ts";
import { typeScope } from "#machines/expressions/type-scope.ts";
import { jsonTransform } from "#src/tools/builtin/json-transform.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";
import { hostileValue, KEYS, TEXTS } from "../mutation/hostile-values.ts";
import { mutatedText } from "../mutation/text.ts";
import { Violation, type Target } from "../target.ts";

// Expressions: texts that the grammar makes, right by type and wrong, then changed as text; over inputs of any kind. Also
// patterns in schemas, and JSONata as far as it is only read: what it computes is for a process of its own.

const input = z.object({
  kind: z.enum(["template", "pattern", "jsonata"]),
  text: z.string(),
  values: z.custom<JsonObject>(isJsonObject),
});
type Drawn = z.infer<typeof input>;

const PATHS = ["inputs.n", "inputs.s", "inputs.xs", "inputs.o", "inputs.any", "steps.a.output", "x", "index", "inputs"];
const OPERATORS = ["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in", "&&", "||", "?:", "."];
const MACROS = ["all", "exists", "exists_one", "filter", "map", "bind"];
/** What a reduce makes of what it has made so far. */
const GROWING = ["acc + acc", "acc + [x]", "[acc, acc]", "[acc]", "merge(acc, {'a': acc})", "concat(acc, acc)"];
const LITERALS = [
  ...["1", "0", "-9223372036854775808", "9223372036854775807", "1e308", "0.1", "true", "null", "''", "[]", "{}"],
  ...[
    "b'\\xff'",
    "r'\\'",
    '"""a"""',
    "'\\u{1F642}'",
    "timestamp('2026-01-01T00:00:00Z')",
    "duration('1h')",
    "type(1)",
    "1u",
  ],
];
const PIECES = [
  ...TEXTS.filter((text) => text.length < 80),
  ...OPERATORS,
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
  "'",
  '"',
  ".map(x, ",
  "?",
  ":",
  ",",
];
const PATTERNS = [
  "(a+)+$",
  "(a|a)*b",
  "([a-zA-Z]+)*$",
  "(.*)*x",
  "a{1,1000}",
  "((a{1,50}){1,50}){1,50}",
  "(?i)a",
  "\\p{L}+",
  "(?=a)",
  "(\\1)",
];
const JSONATA = [
  "$sum(items.price)",
  "$map($, function($v) { $v.a })",
  "items[price > 1].{ 'a': name }",
  "$merge([{}, $])",
  "($f := function($n) { $f($n) }; 1)",
];

const SCHEMA = {
  type: "object",
  properties: {
    n: { type: "number" },
    s: { type: "string" },
    xs: { type: "array", items: { type: "number" } },
    o: { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
    any: {},
  },
  additionalProperties: false,
};
const SCOPE = typeScope({ inputs: SCHEMA, steps: { a: {} } });

export async function openExpressions(): Promise<Target> {
  return { draw, run: async (given) => run(given), [Symbol.asyncDispose]: async () => undefined };
}

function draw(random: SeededRandom): Drawn {
  const kind = random.next();
  const values = valuesOf(random);
  if (kind < 0.1) return { kind: "pattern", text: changed(random.pick(PATTERNS), random), values };
  if (kind < 0.15) return { kind: "jsonata", text: changed(random.pick(JSONATA), random), values };
  const text = `\${${expression(random, random.int(0, 5))}}`;
  return { kind: "template", text: random.chance(0.4) ? changed(text, random) : text, values };
}

function valuesOf(random: SeededRandom): JsonObject {
  if (random.chance(0.5)) return { n: 3, s: "abc", xs: [3, 1, 2], o: { a: "a" }, any: hostileValue(random) };
  return Object.fromEntries(
    ["n", "s", "xs", "o", "any", random.pick(KEYS)].map((name) => [name, hostileValue(random)]),
  );
}

function changed(text: string, random: SeededRandom): string {
  let result = text;
  for (let change = random.int(1, 3); change > 0; change--) result = mutatedText(result, random, PIECES);
  return result;
}

type Part = () => string;

const FORMS: readonly ((part: Part, random: SeededRandom) => string)[] = [
  (part) => `(${part()} ? ${part()} : ${part()})`,
  (part, random) => `${part()}.${random.pick(MACROS)}(x, ${part()})`,
  (part, random) => `${part()}.reduce(acc, x, ${part()}, ${random.pick([...GROWING, part()])})`,
  (part, random) => callOf(random, part),
  (part) => `[${part()}, ${part()}]`,
  (part, random) => `{'${random.pick(["a", "b", "__proto__", "constructor"])}': ${part()}}`,
  (part) => `${part()}[${part()}]`,
  (part, random) => `${part()}.${random.pick(["a", "size", "__proto__", "constructor", "toString"])}`,
  (part, random) => `${random.pick(["!", "-", "--", "!!"])}${part()}`,
  (part, random) => `(${part()} ${random.pick(OPERATORS)} ${part()})`,
];

function expression(random: SeededRandom, depth: number): string {
  if (depth <= 0) return random.chance(0.6) ? random.pick(PATHS) : random.pick(LITERALS);
  return random.pick(FORMS)(() => expression(random, depth - 1), random);
}

function callOf(random: SeededRandom, part: () => string): string {
  const name = random.pick(functionNames());
  const count =
    [1, 2, 3].find((arity) => overloadsOf(name, arity).length > 0 && random.chance(0.7)) ?? random.int(0, 4);
  const parts = Array.from({ length: count }, part);
  const [first, ...rest] = parts;
  return first !== undefined && random.chance(0.5)
    ? `${first}.${name}(${rest.join(", ")})`
    : `${name}(${parts.join(", ")})`;
}

function run(given: Json): string {
  const shaped = input.safeParse(given);
  if (!shaped.success) return "no case";
  const { kind, text, values } = shaped.data;
  if (kind === "jsonata")
    return jsonTransform.input.safeParse({ data: values, expression: text }).success ? "read" : "unread";
  if (kind === "pattern") return matched(text, values);
  return evaluated(text, values);
}

/** Long enough that backtracking over it would never end. */
const LINE = `${"a".repeat(40_000)}!`;

function matched(pattern: string, values: JsonObject): string {
  const schema = { type: "object", properties: { line: { type: "string", pattern } } };
  const found = violationsOf(schema, { ...values, line: LINE });
  return found.length === 0 ? "matches" : "does not match";
}

function evaluated(text: string, values: JsonObject): string {
  const unchecked = compileTemplate(text);
  const checked = compileTemplate(text, { scope: SCOPE });
  if (!unchecked.ok) {
    if (checked.ok) throw new Violation("it compiles with types and not without");
    return unchecked.findings[0]?.code ?? "no finding";
  }
  const steps = (): Json => values["any"] ?? null;
  const outcome = unchecked.template.evaluate({ inputs: values, steps, variables: { x: 1, index: 0 } });
  if (!outcome.ok) return errorOf(outcome.error);
  assertJson(outcome.value);
  if (!checked.ok) return "a value, refused by types";
  const fits = violationsOf(SCHEMA, values).length === 0;
  if (fits) assertType(checked.template.type, outcome.value);
  return "value";
}

function errorOf({ code, message }: { readonly code: string; readonly message: string }): string {
  if (code === "internal") throw new Violation(`an internal error: ${message}`);
  return code;
}

/** What leaves an expression is JSON, and nothing that refers to the program. */
function assertJson(value: unknown): void {
  if (value === undefined) throw new Violation("it gives nothing");
  JSON.stringify(value, (_, part: unknown) => {
    const isJson = part === null || ["string", "number", "boolean", "object"].includes(typeof part);
    if (!isJson || (typeof part === "number" && !Number.isFinite(part)))
      throw new Violation(`it gives a ${typeof part}`);
    if (typeof part === "object" && part !== null && !isPlain(part))
      throw new Violation("it gives an object of a class");
    return part;
  });
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}

function assertType(type: JsonObject | Readonly<Record<string, unknown>>, value: Json): void {
  const [violation] = violationsOf(type, value);
  if (violation === undefined) return;
  throw new Violation(
    `its type is ${JSON.stringify(type)}, its value ${JSON.stringify(value).slice(0, 200)}: ${violation.message}`,
  );
}
