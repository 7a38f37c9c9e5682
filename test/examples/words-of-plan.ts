// Which words of the plan language a plan uses: the plan is walked along its JSON Schema, and every word that stands in one
// of the language's own mappings counts, as `mapping.word`.
import { isJsonList, isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { planJsonSchema } from "#src/language/plan-schema.ts";
import { KIND_WORDS, stepDefinition, WORDS } from "#src/language/plan-words.ts";
import { ANY_STEP } from "#src/language/step-words.ts";
import { KINDS } from "#src/language/vocabulary.ts";

const schema = planJsonSchema();
const definitions = objectOf(schema.$defs);

/** Every word that there is. Those of any step are `step.word`, those of schemas inside inputs are `input.word`. */
export function allWords(): ReadonlySet<string> {
  const kinds = KINDS.flatMap((kind) =>
    Object.keys(KIND_WORDS[kind]).map((word) => nameOf(stepDefinition(kind), word)),
  );
  const others = Object.entries(WORDS).flatMap(([name, words]) => Object.keys(words).map((word) => nameOf(name, word)));
  return new Set([...kinds, ...others]);
}

export function wordsOfPlan(plan: Json): ReadonlySet<string> {
  return new Set(wordsIn(plan, schema, "plan"));
}

function nameOf(definition: string, word: string): string {
  if (definition === "schema" || definition === "input") return `input.${word}`;
  return /.Step$/.test(definition) && word in ANY_STEP ? `step.${word}` : `${definition}.${word}`;
}

function wordsIn(value: Json, shape: JsonObject, definition: string): string[] {
  const { $ref, properties, additionalProperties, items } = shape;
  const own = typeof $ref === "string" ? referred(value, $ref) : [];
  const formed = formsOf(value, shape).flatMap((form) => wordsIn(value, form, definition));
  if (isJsonList(value)) return [...own, ...formed, ...value.flatMap((part) => wordsIn(part, objectOf(items), ""))];
  if (!isJsonObject(value)) return [...own, ...formed];
  const known = objectOf(properties);
  const words = Object.entries(value).flatMap(([word, part]) => {
    if (word in known) {
      const isWord = word in (WORDS[definition] ?? {});
      return [...(isWord ? [nameOf(definition, word)] : []), ...wordsIn(part, objectOf(known[word]), "")];
    }
    return wordsIn(part, objectOf(additionalProperties), "");
  });
  return [...own, ...formed, ...words];
}

function referred(value: Json, reference: string): string[] {
  const name = reference.replace("#/$defs/", "");
  return wordsIn(value, objectOf(definitions[name]), name);
}

/** The parts of a schema that count for this value. A step counts as its kind only, which `allOf` says. */
function formsOf(value: Json, shape: JsonObject): JsonObject[] {
  const choices = [...listOf(shape.allOf), ...(shape.if === undefined ? [] : [shape])];
  const chosen = choices.flatMap((choice) => {
    const next = isRequiredIn(value, choice) ? choice.then : choice.else;
    return next === undefined ? [] : [objectOf(next)];
  });
  return [...chosen, ...(shape.allOf === undefined ? listOf(shape.anyOf) : [])];
}

function isRequiredIn(value: Json, choice: JsonObject): boolean {
  const { required } = objectOf(choice.if);
  return (
    isJsonObject(value) && isJsonList(required) && required.every((word) => typeof word === "string" && word in value)
  );
}

function listOf(value: Json | undefined): JsonObject[] {
  return value !== undefined && isJsonList(value) ? value.filter(isJsonObject) : [];
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
