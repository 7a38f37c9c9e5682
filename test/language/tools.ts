import { z } from "zod";
import { checkPlan } from "#src/language/check.ts";
import type { Checked } from "#src/language/check.ts";
import type { Finding } from "#src/language/finding.ts";
import { parsePlan } from "#src/language/parse.ts";
import { defineTool } from "#src/tools/define.ts";
import { registry } from "#src/tools/registry.ts";
import { secret } from "#src/tools/secret.ts";
import type { PlanDefinition } from "#events/definition.ts";

/** Tools as a plan sees them: only their schemas matter here. */
export const tools = registry([
  defineTool({
    name: "git.log",
    version: "1.2.0",
    description: "Commits.",
    input: z.object({ root: z.string().default("."), range: z.string() }),
    output: z.array(z.object({ subject: z.string(), author: z.string() })),
    sideEffects: "read",
    run: () => [],
  }),
  defineTool({
    name: "http.json",
    version: "2.0.0",
    description: "Fetches JSON.",
    input: z.object({
      url: z.url(),
      token: secret().optional(),
      headers: z.record(z.string(), z.union([z.string(), secret()])).optional(),
      limit: z.int().min(1).optional(),
    }),
    output: z.array(z.unknown()),
    sideEffects: "read",
    timeoutMs: 5_000,
    run: () => [],
  }),
  defineTool({
    name: "json.read",
    version: "1.0.0",
    description: "Reads JSON.",
    input: z.object({ path: z.string() }),
    output: z.unknown(),
    sideEffects: "read",
    run: () => null,
  }),
  defineTool({
    name: "text.wrap",
    version: "1.0.0",
    description: "Wraps text.",
    input: z.strictObject({ text: z.string(), width: z.int().max(200).optional() }),
    output: z.string(),
    sideEffects: "read",
    run: () => "",
  }),
  defineTool({
    name: "fs.write",
    version: "1.0.0",
    description: "Writes a file.",
    input: z.object({ path: z.string(), text: z.string(), mode: z.enum(["create", "replace"]).default("create") }),
    output: z.object({ bytes: z.int() }),
    sideEffects: "write",
    run: () => ({ bytes: 0 }),
  }),
]);

/** Parses and checks a YAML text (JSON when the name says so). */
export function check(text: string, file = "plan.yaml"): Checked {
  const parsed = parsePlan(text, { file });
  return parsed.ok ? checkPlan(parsed.source, { tools }) : parsed;
}

/** Errors and warnings of a plan, whether it is accepted or not. */
export function findingsOf(text: string, file = "plan.yaml"): readonly Finding[] {
  const checked = check(text, file);
  return checked.ok ? checked.warnings : checked.findings;
}

/** `line:column code`, and the suggestion where there is one: what most claims are about. */
export function places(text: string, file = "plan.yaml"): readonly string[] {
  return findingsOf(text, file).map(({ line, column, code, suggestion }) => {
    return `${line}:${column} ${code}${suggestion === undefined ? "" : ` -> ${suggestion}`}`;
  });
}

/** `code: what stands there`, for claims about what a finding points at. */
export function spots(text: string, length = 8): readonly string[] {
  const lines = text.split("\n");
  return findingsOf(text).map(({ line, column, code }) => {
    return `${code}: ${lines[line - 1]?.slice(column - 1).slice(0, length) ?? ""}`;
  });
}

export function definitionOf(text: string): PlanDefinition {
  const checked = check(text);
  if (!checked.ok) throw new Error(checked.findings.map(({ message }) => message).join("; "));
  return checked.definition;
}

/** A plan of the given steps, two spaces in. */
export function planOf(steps: string): string {
  return `plan: p\nsteps:\n${steps}\n`;
}
