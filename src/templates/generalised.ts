import type { Json, JsonObject } from "#events/json.ts";
import { isJsonObject } from "#events/json.ts";

// A plan made general: what its tools are given in so many words become parameters, whose defaults are those words. Used without any
// values, the template gives the plan that it was made from, and its test says so.

/** The whole file: `original` is what it has to give without values. */
export function templateOf(name: string, original: JsonObject): JsonObject {
  const { parameters, plan } = generalised(original);
  const { description, ...body } = plan;
  const version = typeof original.version === "string" ? original.version : "0.0.0";
  const { plan: _name, version: _version, ...rest } = original;
  return {
    template: name,
    version,
    ...(description === undefined ? {} : { description }),
    for: { requests: [], actions: [] },
    parameters,
    plan: body,
    tests: [
      {
        name: "without values it is the plan that it was made from",
        expect: { plan: { plan: name, version, ...rest } },
      },
    ],
  };
}

interface Generalised {
  readonly parameters: JsonObject;
  readonly plan: JsonObject;
}

/** What a person still reads and names. */
const MAX_PARAMETERS = 40;

/** `plan` is one in the language of plans. */
function generalised({ plan: _name, version: _version, ...plan }: JsonObject): Generalised {
  const found = new Parameters();
  const steps = isJsonObject(plan.steps) ? { steps: stepsWith(plan.steps, found) } : {};
  return { parameters: found.written(), plan: { ...plan, ...steps } };
}

function stepsWith(steps: JsonObject, found: Parameters): JsonObject {
  return Object.fromEntries(
    Object.entries(steps).map(([id, step]) => [id, isJsonObject(step) ? stepWith(id, step, found) : step]),
  );
}

function stepWith(id: string, step: JsonObject, found: Parameters): JsonObject {
  const inner = (["do", "repeat"] as const).flatMap((word): [string, Json][] => {
    const block = step[word];
    if (!isJsonObject(block)) return [];
    const { steps } = block;
    return [[word, isJsonObject(steps) ? { ...block, steps: stepsWith(steps, found) } : stepWith(id, block, found)]];
  });
  const own = { ...step, ...Object.fromEntries(inner) };
  if (typeof step.tool !== "string" || !isJsonObject(step.with)) return own;
  const given = Object.entries(step.with).map(([argument, value]): [string, Json] => {
    const name = isConstant(value) ? found.nameFor({ step: id, argument, value }) : undefined;
    return [argument, name === undefined ? value : `\${parameters.${name}}`];
  });
  return { ...own, with: Object.fromEntries(given) };
}

type Constant = string | number | boolean;

/** Lists and objects stay: they are the form of a call more often than what it is about. */
function isConstant(value: Json): value is Constant {
  if (typeof value === "string") return !value.includes("${");
  return typeof value === "number" || typeof value === "boolean";
}

interface Place {
  readonly step: string;
  readonly argument: string;
  readonly value: Constant;
}

class Parameters {
  readonly #values = new Map<string, Constant>();

  /** One name for one value: an argument of another step that is named alike and is the same is the same parameter. */
  nameFor({ step, argument, value }: Place): string | undefined {
    const short = parameterName(argument);
    for (const name of [short, parameterName(`${step}_${argument}`)]) {
      if (this.#values.get(name) === value) return name;
      if (this.#values.has(name)) continue;
      if (this.#values.size >= MAX_PARAMETERS) return undefined;
      this.#values.set(name, value);
      return name;
    }
    return undefined;
  }

  written(): JsonObject {
    return Object.fromEntries([...this.#values].map(([name, value]) => [name, { type: typeof value, default: value }]));
  }
}

/** As expressions can read it. */
export function parameterName(text: string): string {
  const plain = text.replaceAll(/[^A-Za-z0-9_]+/g, "_");
  return /^[A-Za-z_]/.test(plain) ? plain : `_${plain}`;
}
