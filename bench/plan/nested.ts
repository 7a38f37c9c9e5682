import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { json, type Json } from "#events/json.ts";
import type { OutputSource, PastArgument, PastCall, PastPlan } from "#src/planning/binding/source.ts";
import type { ToolDescription } from "#src/planning/catalog/entry.ts";
import { UnusableData } from "../metric.ts";
import { parameterSchema } from "./nested-schema.ts";

// Requests whose plans are nested calls, as NESTFUL has them: a list of requests with the calls that answer them, and the specifications
// of the tools. Names of tools become names of this program's tools; what a call takes and gives becomes JSON Schema.

export interface NestedCase extends PastPlan {
  /** What the answer is made of: outputs of calls, or fields of them. */
  readonly answer: readonly PastArgument[];
}

export interface NestedRequests {
  readonly cases: readonly NestedCase[];
  readonly tools: readonly ToolDescription[];
}

const NEEDED =
  "a folder with executable-data.json and executable-spec.json, or one with a folder `executable` that has them";

const CALL = z.object({ name: z.string(), arguments: z.record(z.string(), json), label: z.string().optional() });
const CASES = z.array(z.object({ input: z.string(), output: z.array(CALL) }));
const FIELDS = z.record(z.string(), z.record(z.string(), z.unknown()));
const TOOLS = z.array(
  z.object({
    name: z.string(),
    description: z.string(),
    path_parameters: FIELDS.optional(),
    query_parameters: FIELDS.optional(),
    output_parameters: FIELDS.optional(),
  }),
);
const ANSWER = "var_result";

/** Undefined where the folder has no nested calls. Throws UnusableData where a file is not in the format. */
export function nestedIn(folder: string): NestedRequests | undefined {
  const inner = join(folder, "executable");
  const at = existsSync(inner) ? inner : folder;
  if (!existsSync(join(at, "executable-data.json"))) return undefined;
  const cases = parsed(CASES, join(at, "executable-data.json"));
  const tools = parsed(TOOLS, join(at, "executable-spec.json"));
  return { cases: cases.map(({ input, output }) => caseOf(input, output)), tools: tools.map(descriptionOf) };
}

/** "SkyScrapperSearchAirport" as a tool of this program is named: two names that differ in their marks stay two. */
function toolName(name: string): string {
  return name.replaceAll(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})/gu, "-").toLowerCase();
}

function descriptionOf({ name, description, ...fields }: z.infer<typeof TOOLS>[number]): ToolDescription {
  return {
    name: toolName(name),
    version: "1.0.0",
    description,
    sideEffects: "read",
    inputSchema: parameterSchema({ ...fields.path_parameters, ...fields.query_parameters }),
    outputSchema: parameterSchema(fields.output_parameters ?? {}),
  };
}

function caseOf(request: string, output: readonly z.infer<typeof CALL>[]): NestedCase {
  const labels = new Map<string, number>();
  const calls: PastCall[] = [];
  let answer: readonly PastArgument[] = [];
  for (const { name, arguments: given, label } of output) {
    const read = Object.entries(given).map(([key, value]): [string, PastArgument] => [key, argumentOf(value, labels)]);
    if (name === ANSWER) answer = read.map(([, argument]) => argument);
    else {
      if (label !== undefined) labels.set(label, calls.length);
      calls.push({ tool: toolName(name), arguments: Object.fromEntries(read) });
    }
  }
  return { request, calls, answer };
}

const REFERENCE = /\$(\w+)((?:[.[][^$]*)?)\$/g;

function argumentOf(value: Json, labels: ReadonlyMap<string, number>): PastArgument {
  const parts = typeof value === "string" ? partsOf(value, labels) : [];
  const [first] = parts;
  if (parts.length === 1 && typeof first === "object") return first;
  return parts.some((part) => typeof part === "object") ? { kind: "text", parts } : { kind: "value", value };
}

/** A text, and the outputs of calls in it. */
function partsOf(text: string, labels: ReadonlyMap<string, number>): readonly (string | OutputSource)[] {
  const parts: (string | OutputSource)[] = [];
  let at = 0;
  for (const { 0: whole, 1: label = "", 2: path = "", index } of text.matchAll(REFERENCE)) {
    const call = labels.get(label);
    if (call === undefined) continue;
    if (index > at) parts.push(text.slice(at, index));
    parts.push({ kind: "output", call, path: pathOf(path) });
    at = index + whole.length;
  }
  return at < text.length ? [...parts, text.slice(at)] : parts;
}

/** ".author[0].id" is the id of the first author. */
function pathOf(text: string): readonly string[] {
  return text
    .replaceAll(/\[\d+\]/g, ".*")
    .split(".")
    .filter((field) => field !== "");
}

function parsed<Value>(schema: z.ZodType<Value>, file: string): Value {
  if (!existsSync(file)) throw new UnusableData(`there is no ${file}; needed is ${NEEDED}`);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new UnusableData(`${file} is no JSON`, { cause });
  }
  const result = schema.safeParse(value);
  if (!result.success) throw new UnusableData(`${file} is not in the format: ${z.prettifyError(result.error)}`);
  return result.data;
}
