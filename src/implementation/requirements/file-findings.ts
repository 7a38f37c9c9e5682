import type { z } from "zod";
import { isJsonList, isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import type { Path, Remark } from "#src/language/finding.ts";
import { missingWord, outOfRange, pathOf, unknownWord, wrongType } from "#src/language/refusals.ts";
import type { Report } from "#src/language/report.ts";
import { jsonAt } from "#src/language/structure.ts";
import { requirementsJsonSchema } from "./file-schema.ts";

// What the schema of requirements refuses, as findings with places and suggestions. The words that a place may have are read from the
// published schema, so that there is no second list of them.

export function reportIssue(issue: z.core.$ZodIssue, value: Json, report: Report): void {
  const path = pathOf(issue.path);
  if (issue.code === "unrecognized_keys") {
    const words = wordsAt(path, value);
    for (const word of issue.keys) report.error([...path, word], unknownWord(word, words), { key: true });
  } else if (issue.code === "invalid_union") {
    reportUnion(issue, { path, value, report });
  } else if (issue.code === "custom" && typeof issue.params?.["code"] === "string") {
    report.error(path, { code: issue.params["code"], message: issue.message });
  } else {
    report.error(path, remarkOf(issue, jsonAt(value, path), path));
  }
}

interface At {
  readonly path: Path;
  readonly value: Json;
  readonly report: Report;
}

/** Of kinds, the one that was meant is not there; of shapes, none fits. */
function reportUnion({ discriminator }: z.core.$ZodIssueInvalidUnion, { path: place, value, report }: At): void {
  const path = place.at(-1) === discriminator ? place.slice(0, -1) : place;
  const given = jsonAt(value, path);
  if (discriminator === undefined || !isJsonObject(given)) {
    const wanted = discriminator === undefined ? "a text or a list of texts" : "a mapping";
    report.error(path, given === undefined ? missingWord(path) : wrongType(wanted, given));
    return;
  }
  const kinds = optionsOf(schemaAt(path, value)).flatMap((option) => constOf(option, discriminator) ?? []);
  const kind = given[discriminator];
  if (kind === undefined) {
    report.error(path, { code: "missing-word", message: `${discriminator} is missing here: ${kinds.join(", ")}` });
    return;
  }
  const message = `there is no ${discriminator} ${JSON.stringify(kind)}, only ${kinds.join(", ")}`;
  const suggestion = typeof kind === "string" ? nearestName(kind, kinds) : undefined;
  report.error([...path, discriminator], { code: "unknown-kind", message, suggestion });
}

function remarkOf(issue: z.core.$ZodIssue, given: Json | undefined, path: Path): Remark {
  if (given === undefined) return missingWord(path);
  if (issue.code === "invalid_type") return wrongType(issue.expected, given);
  if (issue.code === "invalid_value") return badWord(issue.values.map(String), given);
  return (
    outOfRange(issue) ?? {
      code: isName(issue) ? "bad-name" : "bad-value",
      message: isName(issue) ? NAME_RULE : issue.message,
    }
  );
}

function isName(issue: z.core.$ZodIssue): boolean {
  return issue.code === "invalid_format" && issue.format === "regex";
}

function badWord(words: readonly string[], given: Json): Remark {
  const suggestion = typeof given === "string" ? nearestName(given, words) : undefined;
  return { code: "bad-value", message: `${words.join(" or ")} is wanted here`, suggestion };
}

const NAME_RULE = "a name is a lower-case letter, then letters, digits, _ or -";

/** What a mapping may hold: of several kinds, what the kind of the given one may. */
function wordsAt(path: Path, value: Json): readonly string[] {
  const schema = schemaAt(path, value);
  const given = jsonAt(value, path);
  const { properties } = isJsonObject(given ?? null) ? chosen(schema, given) : schema;
  return isJsonObject(properties) ? Object.keys(properties).filter((word) => !word.startsWith("$")) : [];
}

function schemaAt(path: Path, value: Json): JsonObject {
  let schema = requirementsJsonSchema();
  let given: Json | undefined = value;
  for (const step of path) {
    const inner = chosen(schema, given);
    schema = resolved(typeof step === "number" ? inner.items : (members(inner)[step] ?? inner.additionalProperties));
    given = given === undefined ? undefined : jsonAt(given, [step]);
  }
  return schema;
}

function members({ properties }: JsonObject): JsonObject {
  return isJsonObject(properties) ? properties : {};
}

/** Of several forms the one whose kind the value has. */
function chosen(schema: JsonObject, given: Json | undefined): JsonObject {
  const options = optionsOf(schema);
  if (options.length === 0) return schema;
  const isMeant = (option: JsonObject): boolean =>
    isJsonObject(given)
      ? ["kind", "do"].some((word) => given[word] !== undefined && constOf(option, word) === given[word])
      : isJsonList(given) && option.type === "array";
  return options.find(isMeant) ?? {};
}

function optionsOf({ anyOf, oneOf }: JsonObject): readonly JsonObject[] {
  const options = oneOf ?? anyOf;
  return isJsonList(options) ? options.map(resolved) : [];
}

function constOf(option: JsonObject, word: string): string | undefined {
  const { const: only } = resolved(members(option)[word]);
  return typeof only === "string" ? only : undefined;
}

/** What a reference stands for. */
function resolved(schema: Json | undefined): JsonObject {
  if (!isJsonObject(schema)) return {};
  const { $ref } = schema;
  if (typeof $ref !== "string") return schema;
  return resolved(jsonAt(requirementsJsonSchema(), $ref.split("/").slice(1)));
}
