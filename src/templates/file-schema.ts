import { z } from "zod";
import semver from "semver";
import type { JsonObject } from "#events/json.ts";
import { mapping } from "#src/language/source-schema.ts";
import type { Vocabulary } from "#src/language/vocabulary.ts";

// The template file as it is written: every word known. What stands in a body is the language of plans, and is checked when the body
// has become a plan. schemas/template.schema.json is made from this.

const MAX_NAME_CHARS = 200;
const MAX_TEXT_CHARS = 4_000;
const MAX_REQUESTS = 100;
const MAX_ACTIONS = 50;
export const MAX_TESTS = 100;

export const TEMPLATE_NAME = /^[a-z][A-Za-z0-9_.-]*$/;

const text = z.string().min(1).max(MAX_TEXT_CHARS);

const templateName = z
  .string()
  .max(MAX_NAME_CHARS)
  .refine((name) => TEMPLATE_NAME.test(name), {
    error: "a name is a lower-case letter, then letters, digits, _ . or -",
    params: { code: "bad-template-name" },
  })
  .meta({ pattern: TEMPLATE_NAME.source });

const version = z.string().refine((written) => semver.valid(written) === written, {
  error: "a version is three numbers, such as 1.2.0",
  params: { code: "bad-version" },
});

export const fileFields = z.strictObject({
  template: templateName.meta({ description: "Its name, by which it is used and extended." }),
  version: version.default("0.0.0").meta({ description: "Its semantic version." }),
  extends: z.string().min(1).exactOptional().meta({
    description:
      "`name` or `name@range` of a template whose policies and parameters hold here too, where this one says nothing else.",
  }),
  title: text.exactOptional().meta({ description: "A line for people." }),
  description: text.exactOptional().meta({ description: "What comes out, and when it is useful." }),
  for: mapping.exactOptional().meta({ description: "Which requests it is for." }),
  parameters: mapping.exactOptional().meta({
    description: "What it takes: written as the inputs of plans are, and used as `${parameters.NAME}`.",
  }),
  policies: mapping.exactOptional().meta({ description: "Words that hold where the body says nothing else." }),
  plan: mapping
    .exactOptional()
    .meta({ description: "A plan in the language of plans; `plan` and `version` in it are optional." }),
  step: mapping.exactOptional().meta({ description: "One step in the language of plans." }),
  tests: z
    .array(mapping)
    .max(MAX_TESTS)
    .exactOptional()
    .meta({ description: "Examples, which `planwright template test` runs." }),
  $schema: z.string().exactOptional().meta({ description: "For editors." }),
});

export type FileFields = z.infer<typeof fileFields>;

export const FILE: Vocabulary = { name: "a template", words: Object.keys(fileFields.shape), later: [] };

export const forFields = z.strictObject({
  requests: z.array(text).max(MAX_REQUESTS).default([]).meta({
    description: "Requests in plain words; `{NAME}` stands where a parameter is said.",
  }),
  actions: z.array(text).max(MAX_ACTIONS).default([]).meta({ description: "Verbs that ask for it." }),
});

export const FOR: Vocabulary = { name: "for", words: Object.keys(forFields.shape), later: [] };

const PLAN_POLICIES = ["onFailure", "deadline", "pauseStopsClock", "replan"];
const TOOL_POLICIES = [
  ...["retry", "timeout", "deadline", "fallback", "pool", "key", "uses"],
  ...["isolate", "idempotent", "unknown", "priority"],
];

/** A value is any: it may hold parameters. `null` takes away what would be inherited. */
const policiesOf = (words: readonly string[]) =>
  z.strictObject(Object.fromEntries(words.map((word) => [word, z.json().exactOptional()])));

export const policyFields = z.strictObject({
  plan: mapping.exactOptional().meta({ description: `Of the plan: ${PLAN_POLICIES.join(", ")}.` }),
  tool: mapping.exactOptional().meta({ description: `Of every step that calls a tool: ${TOOL_POLICIES.join(", ")}.` }),
});
export const POLICIES: Vocabulary = { name: "policies", words: ["plan", "tool"], later: [] };

export const POLICY_WORDS = {
  plan: { fields: policiesOf(PLAN_POLICIES), vocabulary: { name: "policies.plan", words: PLAN_POLICIES, later: [] } },
  tool: { fields: policiesOf(TOOL_POLICIES), vocabulary: { name: "policies.tool", words: TOOL_POLICIES, later: [] } },
};

export const testFields = z.strictObject({
  name: text.exactOptional(),
  with: mapping.default({}).meta({ description: "The parameters." }),
  beside: mapping
    .exactOptional()
    .meta({ description: "Of a step: `inputs` and `steps` around it, which it may read." }),
  expect: mapping.default({}).meta({ description: "What is to come out; without it, whatever is right." }),
});
export const TEST: Vocabulary = { name: "a test", words: Object.keys(testFields.shape), later: [] };

export const expectFields = z.strictObject({
  plan: mapping.exactOptional().meta({ description: "The whole plan." }),
  step: mapping.exactOptional().meta({ description: "The whole step." }),
  findings: z.array(z.string()).exactOptional().meta({ description: "The codes of all that is wrong." }),
});
export const EXPECT: Vocabulary = { name: "expect", words: Object.keys(expectFields.shape), later: [] };

/** The JSON Schema (draft 2020-12) of a template file, for editors. */
export function templateJsonSchema(): JsonObject {
  const inner = { for: forFields, policies: policyFields, test: testFields, expect: expectFields };
  const shapes = Object.entries(inner).map(([name, fields]) => [name, shapeOf(fields)] as const);
  const { properties, ...shape } = shapeOf(fileFields);
  const known = mapping.safeParse(properties).data ?? {};
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Planwright template",
    ...shape,
    properties: {
      ...known,
      for: { $ref: "#/$defs/for" },
      policies: { $ref: "#/$defs/policies" },
      tests: { type: "array", maxItems: MAX_TESTS, items: { $ref: "#/$defs/test" } },
    },
    $defs: Object.fromEntries(shapes),
  };
}

function shapeOf(fields: z.ZodType): JsonObject {
  const { $schema: _, ...shape } = z.toJSONSchema(fields, {
    io: "input",
    target: "draft-2020-12",
    unrepresentable: "any",
  });
  return mapping.parse(shape);
}
