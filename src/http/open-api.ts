import { z } from "zod";
import { isJsonObject, json, type Json, type JsonObject } from "#events/json.ts";
import { allOperations } from "#src/api/client.ts";
import type { AnyOperation } from "#src/api/operations/operation.ts";
import { problem, PROBLEM_MEDIA_TYPE } from "#src/http/problem.ts";

// The OpenAPI 3.1 document, made from the table: nothing in it is written by hand, so it cannot say anything else than
// what the doors do. Its schemas are JSON Schema 2020-12, as 3.1 has it.

const VERSION = "1.0.0";

let made: JsonObject | undefined;

export function openApi(): JsonObject {
  made ??= document();
  return made;
}

function document(): JsonObject {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, operation] of allOperations()) {
    const [method = "", path = ""] = operation.route.split(" ");
    (paths[path] ??= {})[method.toLowerCase()] = described(name, operation);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Planwright",
      version: VERSION,
      description: "Every operation of a process that holds a store. Streams are server-sent events.",
    },
    paths,
    components: {
      schemas: { Problem: schemaOf(problem, "output") },
      responses: { Problem: { description: "A refusal.", content: contentOf(PROBLEM_MEDIA_TYPE, PROBLEM) } },
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
    },
    security: [{}, { token: [] }],
  };
}

const PROBLEM = { $ref: "#/components/schemas/Problem" };

function described(name: string, operation: AnyOperation): JsonObject {
  const { summary, kind } = operation;
  const output = schemaOf(operation.output, "output");
  const answer =
    kind === "stream"
      ? { description: "Events, whose data is of this shape.", content: contentOf("text/event-stream", output) }
      : {
          description: "The answer.",
          content: { ...contentOf("application/json", output), ...documentsOf(operation) },
        };
  return {
    operationId: name,
    summary,
    ...inputOf(operation),
    responses: { "200": answer, default: { $ref: "#/components/responses/Problem" } },
  };
}

/** What the answer may be instead, by `format` or the header `Accept`. */
function documentsOf({ documents = {} }: AnyOperation): JsonObject {
  const text = { schema: { type: "string" } };
  return Object.fromEntries(Object.values(documents).map(({ type }) => [type.replace(/;.*$/u, ""), text]));
}

function inputOf({ route, input, kind }: AnyOperation): JsonObject {
  const { properties, required, ...rest } = schemaOf(input, "input");
  const members = isJsonObject(properties) ? Object.entries(properties) : [];
  const inPath = new Set([...route.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name));
  const isQuery = route.startsWith("GET ");
  const needed = new Set(Array.isArray(required) ? required : []);
  const asParameter = members.filter(([name]) => inPath.has(name) || isQuery);
  const parameters: Json[] = asParameter.map(([name, schema]) => ({
    name,
    in: inPath.has(name) ? "path" : "query",
    required: needed.has(name),
    schema,
  }));
  if (kind === "stream" && members.some(([name]) => name === "after")) parameters.push(LAST_EVENT_ID);
  if (isQuery) return { parameters };
  const body = {
    ...rest,
    properties: Object.fromEntries(members.filter(([name]) => !inPath.has(name))),
    required: [...needed].filter((name) => !inPath.has(String(name))),
  };
  return { parameters, requestBody: { required: true, content: contentOf("application/json", body) } };
}

const LAST_EVENT_ID: JsonObject = {
  name: "Last-Event-ID",
  in: "header",
  required: false,
  description: "position of the last fact that came; wins over `after`",
  schema: { type: "integer" },
};

function contentOf(type: string, schema: JsonObject): JsonObject {
  return { [type]: { schema } };
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  const made = json.parse(rest);
  return isJsonObject(made) ? made : {};
}
