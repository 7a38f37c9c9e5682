import { Ajv, type ErrorObject, type Options, type ValidateFunction } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { timeBoxed } from "#src/ports/system/time-boxed.ts";

// Checks values against a JSON Schema from outside, whatever stands in it.
//
// C1. Making the check and each use of it end after CHECK_MS: a pattern or a recursion that takes for ever refuses the value.
// C2. `format` is a note, as the standard says. Nothing is fetched, filled in or converted.
// C3. The check is made when it is first needed: of a thousand tools few are called.

export interface SchemaViolation {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const CHECK_MS = 1_000;

const OPTIONS: Options = {
  strict: false,
  validateFormats: false,
  inlineRefs: false,
  addUsedSchema: false,
  // `required: [constructor]` asks for a property of the value, not of every object.
  ownProperties: true,
  // Patterns are often written for expressions without the flag, where more escapes are allowed.
  unicodeRegExp: false,
  logger: false,
};

export class SchemaCheck {
  readonly #schema: JsonSchema;
  #made: ValidateFunction | string | undefined;

  constructor(schema: JsonSchema) {
    this.#schema = schema;
  }

  /** The first thing that is wrong with the value; undefined where it fits. */
  violation(value: unknown): SchemaViolation | undefined {
    this.#made ??= made(this.#schema);
    const validate = this.#made;
    if (typeof validate === "string") return { path: [], message: validate };
    const checked = attempted(() => validate(value));
    if (typeof checked === "string") return { path: [], message: checked };
    return checked.result ? undefined : violationOf(validate.errors?.[0]);
  }
}

/** The check, or why there is none. */
function made(schema: JsonSchema): ValidateFunction | string {
  // What names itself could be taken for something else that has the name.
  const { $schema, $id: _, id: __, ...rest } = schema;
  const compiled = attempted(() => compiler($schema)(rest));
  if (typeof compiled === "string") return `the schema cannot be used: ${compiled}`;
  return "$async" in compiled.result ? "the schema cannot be used: it is asynchronous" : compiled.result;
}

function compiler(draft: unknown): (schema: JsonSchema) => ValidateFunction {
  const named = typeof draft === "string" ? draft : "";
  if (/draft-0[3-7]/.test(named)) return (schema) => new Ajv(OPTIONS).compile(schema);
  if (named.includes("2019-09")) return (schema) => new Ajv2019(OPTIONS).compile(schema);
  return (schema) => new Ajv2020(OPTIONS).compile(schema);
}

/** C1. */
function attempted<T>(work: () => T): { readonly result: T } | string {
  try {
    return timeBoxed(CHECK_MS, work) ?? `checking it takes longer than ${CHECK_MS} ms`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function violationOf(error: ErrorObject | undefined): SchemaViolation {
  const steps = (error?.instancePath ?? "").split("/").slice(1);
  const path = steps.map((step) => {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    return /^\d+$/.test(name) ? Number(name) : name;
  });
  return { path, message: messageOf(error) };
}

function messageOf(error: ErrorObject | undefined): string {
  const { message = "does not fit", params = {} } = error ?? {};
  const extra: unknown = params["additionalProperty"];
  const options: unknown = params["allowedValues"];
  if (typeof extra === "string") return `${message}: ${JSON.stringify(extra)}`;
  return Array.isArray(options) ? `${message}: ${JSON.stringify(options)}` : message;
}
