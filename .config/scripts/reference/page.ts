// The page docs/plan-reference.md: a table a mapping, a row a word, made from the schema (what may stand there, what must)
// and from what each word means. Which mappings there are, in which order, is said here.
import { stringify } from "yaml";
import { isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { ANY_STEP } from "#src/language/step-words.ts";
import { KIND_WORDS, stepDefinition, WORDS } from "#src/language/plan-words.ts";
import { KINDS } from "#src/language/vocabulary.ts";
import type { Word, Words } from "#src/language/word.ts";
import { typeText } from "./type-text.ts";

interface Section {
  readonly title: string;
  readonly lead: string;
  readonly words: Words;
  /** Of the mapping that the words stand in. */
  readonly shape: JsonObject;
  /** What a word without a type of its own may be. */
  readonly anything?: string;
}

/** Before formatting. */
export function referencePage(schema: JsonObject): string {
  return [HEAD, ...sections(schema).map(sectionText)].join("\n");
}

const HEAD = `# Reference of the plan language

Every word of a plan: what it may be, what counts where it is missing, what it means, and one example. What the words are for, and how they
go together, is told in [plan-language.md](plan-language.md); a plan that uses all of them is walked through in [tour.md](tour.md).

This page is made from the schemas that read plans (\`npm run docs:reference\`). So is
[schemas/plan.schema.json](../schemas/plan.schema.json), the JSON Schema by which editors complete, explain and mark the words; \`planwright schema\`
prints it. An editor with the YAML language server uses it where a plan begins with

    # yaml-language-server: $schema=node_modules/planwright/schemas/plan.schema.json

as a path from the plan's own folder. A **template** is any JSON value whose texts may contain \`\${ … }\` ([expressions.md](expressions.md)); a
**condition** is such an expression, or \`true\` or \`false\`; a **duration** is a number and a unit: \`500ms\`, \`10s\`, \`5m\`, \`1.5h\`, \`2d\`.
`;

function sections(schema: JsonObject): readonly Section[] {
  const definitions = objectAt(schema, "$defs");
  const section = (name: string, title: string, lead: string): Section => ({
    ...{ title, lead },
    words: WORDS[name] ?? {},
    shape: mappingOf(objectAt(definitions, name)),
  });
  const kinds = KINDS.map((kind) => ({
    ...section(stepDefinition(kind), `A \`${kind}\` step`, ""),
    words: KIND_WORDS[kind],
  }));
  return [
    { title: "The plan", lead: "", words: WORDS.plan ?? {}, shape: schema },
    {
      ...section("input", "An input", "A JSON Schema with `default`, `description` and `secret` beside it."),
      anything: "any value",
    },
    {
      title: "Any step",
      lead: `A step is of one kind, which its word says: ${KINDS.map((kind) => `\`${kind}\``).join(", ")}. Beside the words of its kind it may have:`,
      words: ANY_STEP,
      shape: mappingOf(objectAt(definitions, stepDefinition("value"))),
    },
    ...kinds,
    section("block", "A block of steps", "In the place of one step, behind `do` and `repeat`."),
    section("waiting", "Inside `wait`", "One of the two."),
    section("question", "Inside `approve`", ""),
    section("join", "Inside `join`", ""),
    section("fallback", "An alternative of `fallback`", "A call of a tool, or a value."),
    section("retry", "Inside `retry`", "A number alone is `attempts`."),
    section("retryOn", "Inside `retry.on`", "By category of the failure ([errors.md](errors.md))."),
    section("unknown", "Inside `unknown`", "Where a tool looks."),
    section("verify", "Inside `unknown.verify`", ""),
    section("undo", "Inside `undo`", ""),
    section(
      "answers",
      "Inside `respond`",
      "Where the response depends on how the plan ends; any other mapping is the response as it stands.",
    ),
    section("replan", "Inside `replan`", ""),
  ];
}

function sectionText({ title, lead, words, shape, anything }: Section): string {
  const properties = objectAt(shape, "properties");
  const required: unknown = shape.required;
  const rows = Object.entries(words).map(([name, word]) => {
    const isRequired = Array.isArray(required) && required.includes(name);
    return rowText([
      `\`${name}\``,
      typeText(objectAt(properties, name), anything),
      isRequired ? "required" : presetText(word),
      word.meaning,
      codeText(
        stringify({ [name]: word.example }, { collectionStyle: "flow", lineWidth: 0 })
          .trim()
          .slice(1, -1)
          .trim(),
      ),
    ]);
  });
  const head = ["word", "type", "default", "meaning", "example"];
  return [
    `## ${title}\n`,
    lead === "" ? "" : `${lead}\n`,
    rowText(head),
    rowText(head.map(() => "---")),
    ...rows,
    "",
  ].join("\n");
}

function rowText(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", String.raw`\|`)).join(" | ")} |`;
}

function presetText({ preset, otherwise }: Word): string {
  if (preset === undefined) return otherwise ?? "none";
  return codeText(typeof preset === "string" ? preset : JSON.stringify(preset));
}

function codeText(code: string): string {
  return code.includes("`") ? `\`\` ${code} \`\`` : `\`${code}\``;
}

/** Of a definition that has several forms, the mapping. */
function mappingOf(shape: JsonObject): JsonObject {
  const forms: unknown = shape.anyOf;
  const mapping: unknown = Array.isArray(forms)
    ? forms.find((form: Json) => isJsonObject(form) && "properties" in form)
    : shape;
  return isJsonObject(mapping) ? mapping : {};
}

function objectAt(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isJsonObject(value) ? value : {};
}
