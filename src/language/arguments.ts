import type { Isolation } from "#events/definition.ts";
import type { Json, JsonObject } from "#events/json.ts";
import { isJsonObject } from "#events/json.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import type { Tool } from "#src/tools/define.ts";
import type { CheckContext } from "./check-context.ts";
import type { Path, Remark } from "./finding.ts";
import type { Report } from "./report.ts";
import { checkSecrets } from "./secret-arguments.ts";
import { checkFits } from "./type-fit.ts";

// The border between a plan and a tool: the arguments of a call against the tool's input schema, one by one, so that each
// mistake is found and has its place.

export interface CallAt {
  readonly tool: string;
  readonly with?: JsonObject;
  readonly isolate?: Isolation;
  /** Of the mapping that holds `tool` and `with`. */
  readonly path: Path;
}

/** The tool that is called; undefined, and reported, when there is none of that name. */
export function checkCall(call: CallAt, context: CheckContext): Tool | undefined {
  const { tools, report } = context;
  const tool = tools.get(call.tool);
  if (tool === undefined) {
    report.error([...call.path, "tool"], unknownTool(call.tool, context));
    checkFits({ value: call.with ?? {}, path: [...call.path, "with"] }, {}, context);
    return undefined;
  }
  checkArguments(tool, call, context);
  checkIsolation(tool, call, report);
  return tool;
}

/** Where a source of tools knows why it is not there, that is said: a similar name is not what was meant. */
function unknownTool(name: string, { tools, report }: CheckContext): Remark {
  const absence = tools.absence(name);
  if (absence !== undefined) return { code: absence.code, message: absence.message };
  const suggestion = report.isFull ? undefined : tools.nearest(name);
  return { code: "unknown-tool", message: `there is no tool ${JSON.stringify(name)}`, suggestion };
}

/** Whoever runs a tool outside of the loop loads it there again: it must be known from where. */
function checkIsolation({ name, isolate, module, source }: Tool, call: CallAt, report: Report): void {
  const wanted = call.isolate ?? isolate;
  if (wanted === undefined || module !== undefined) return;
  const why =
    source === undefined
      ? "nobody said which module exports it; load it by --tools, or give defineTool its module: import.meta.url"
      : `${source} runs it, outside of this program already`;
  const message = `${name} cannot run in a ${wanted} of its own: ${why}`;
  report.error([...call.path, call.isolate === undefined ? "tool" : "isolate"], {
    code: "tool-without-module",
    message,
  });
}

function checkArguments(tool: Tool, call: CallAt, context: CheckContext): void {
  const { inputSchema } = tool;
  const given = call.with ?? {};
  const path = [...call.path, "with"];
  const properties = isJsonObject(inputSchema.properties) ? inputSchema.properties : undefined;
  if (properties === undefined) {
    checkFits({ value: given, path }, inputSchema, context);
    return;
  }
  const secret = checkSecrets(tool, { value: given, path }, context);
  const constants: Record<string, Json> = {};
  for (const [name, value] of Object.entries(given)) {
    const place = [...path, name];
    if (!Object.hasOwn(properties, name)) checkExtra(name, { tool, value, path: place, properties }, context);
    else if (!secret.has(name)) {
      const fit = checkFits({ value, path: place }, partOf(inputSchema, properties[name]), context);
      if (fit?.constant !== undefined) constants[name] = fit.constant;
    }
  }
  checkMissing(tool, call, context);
  checkRefinements(tool, constants, { path, context });
}

/** What the tool asks of an argument beyond its JSON Schema (that a text is a URL, say), where the argument is known. */
function checkRefinements(
  tool: Tool,
  constants: JsonObject,
  { path, context }: { path: Path; context: CheckContext },
): void {
  const result = tool.input.safeParse(constants);
  for (const issue of result.error?.issues ?? []) {
    const [name] = issue.path;
    // An argument that is not among the constants is not missing: it is an expression, or was reported.
    if (typeof name !== "string" || !Object.hasOwn(constants, name)) continue;
    const inner = issue.path.map((step) => (typeof step === "symbol" ? String(step) : step));
    context.report.error([...path, ...inner], { code: "wrong-value", message: `${tool.name}: ${issue.message}` });
  }
}

/** The schema of one property as a document: its references lead into the whole one. */
function partOf(schema: JsonSchema, property: unknown): JsonSchema {
  if (!isJsonObject(property)) return {};
  const { $defs, definitions } = schema;
  if ($defs === undefined && definitions === undefined) return property;
  return {
    ...property,
    ...($defs === undefined ? {} : { $defs }),
    // As drafts before 2019-09 call them.
    ...(definitions === undefined ? {} : { definitions }),
  };
}

interface Extra {
  readonly tool: Tool;
  readonly value: Json;
  readonly path: Path;
  readonly properties: Readonly<Record<string, unknown>>;
}

function checkExtra(name: string, { tool, value, path, properties }: Extra, context: CheckContext): void {
  const rest: unknown = tool.inputSchema.additionalProperties;
  // A schema that says nothing drops what it does not know: an argument that does nothing is a mistake in a plan.
  if (rest === undefined || rest === false) {
    const suggestion = context.report.isFull ? undefined : nearestName(name, Object.keys(properties));
    const message = `${tool.name} has no argument ${JSON.stringify(name)}`;
    context.report.error(path, { code: "unknown-argument", message, suggestion }, { key: true });
  }
  checkFits({ value, path }, partOf(tool.inputSchema, rest), context);
}

function checkMissing({ name, inputSchema }: Tool, call: CallAt, { report }: CheckContext): void {
  const required: readonly unknown[] = Array.isArray(inputSchema.required) ? inputSchema.required : [];
  const properties = isJsonObject(inputSchema.properties) ? inputSchema.properties : {};
  for (const wanted of required) {
    if (typeof wanted !== "string" || (call.with !== undefined && Object.hasOwn(call.with, wanted))) continue;
    const message = `${name} needs the argument ${wanted} (${typeText(properties[wanted])})`;
    const path = [...call.path, call.with === undefined ? "tool" : "with"];
    report.error(path, { code: "missing-argument", message });
  }
}

function typeText(schema: unknown): string {
  const type: unknown = isJsonObject(schema) ? schema.type : undefined;
  return type === undefined ? "see the tool's description" : [type].flat().map(String).join(" or ");
}
