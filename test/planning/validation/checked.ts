import { z } from "zod";
import type { PlanDefinition } from "#events/definition.ts";
import { checkPlan } from "#src/language/check.ts";
import { planLibrary } from "#src/language/called-plans.ts";
import { pathText } from "#src/language/finding.ts";
import { parsePlan, type PlanSource } from "#src/language/parse.ts";
import type { Granted, Grounds, ValidationFinding } from "#src/planning/validation/grounds.ts";
import { validated } from "#src/planning/validation/validate.ts";
import { defineTool, type Tool } from "#src/tools/define.ts";
import { registry } from "#src/tools/registry.ts";

const person = z.object({
  name: z.string(),
  note: z.string().optional(),
  mail: z.string().nullable(),
});

function tool<I, O>(name: string, shape: Pick<Tool<I, O>, "input" | "output" | "sideEffects">): Tool<I, O> {
  const run = () => {
    throw new Error("only its schemas matter here");
  };
  return defineTool({ name, version: "1.0.0", description: "", ...shape, run });
}

/** Tools as a plan sees them. */
export const tools = registry([
  tool("person.find", {
    input: z.object({ id: z.string() }),
    output: person,
    sideEffects: "read",
  }),
  tool("person.list", {
    input: z.object({}),
    output: z.array(person),
    sideEffects: "read",
  }),
  tool("person.cached", {
    input: z.object({ id: z.string() }),
    output: z.object({
      name: z.string().nullable(),
      note: z.string().optional(),
      mail: z.string().nullable(),
    }),
    sideEffects: "read",
  }),
  tool("text.send", {
    input: z.object({
      to: z.string(),
      text: z.string(),
      cc: z.string().nullable().optional(),
    }),
    output: z.object({ id: z.string() }),
    sideEffects: "write",
  }),
  tool("text.recall", {
    input: z.object({ id: z.string() }),
    output: z.object({}),
    sideEffects: "write",
  }),
  tool("money.pay", {
    input: z.object({ to: z.string(), amount: z.number() }),
    output: z.object({ receipt: z.string() }),
    sideEffects: "irreversible",
  }),
  tool("state.read", {
    input: z.object({}),
    output: z.object({ state: z.string() }),
    sideEffects: "read",
  }),
  tool("anything", {
    input: z.object({ value: z.unknown() }),
    output: z.unknown(),
    sideEffects: "read",
  }),
]);

function sourceOf(text: string): PlanSource {
  const parsed = parsePlan(text, { file: "plan.yaml" });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.findings));
  return parsed.source;
}

/** The definition of a plan that the language has nothing against. */
export function definitionOf(text: string, called: readonly string[] = []): PlanDefinition {
  const plans = planLibrary(called.map(sourceOf));
  const checked = checkPlan(sourceOf(text), { tools, plans });
  if (!checked.ok) throw new Error(checked.findings.map(({ code, message }) => `${code}: ${message}`).join("\n"));
  return checked.definition;
}

/** A plan of these steps, as YAML, indented by two. */
export function plan(steps: string, more = ""): string {
  const inputs = "inputs:\n  id: { type: string, default: a }\n  yes: { type: boolean, default: true }\n";
  return `plan: trial\n${inputs}steps:\n${steps.replaceAll(/^(?=.)/gm, "  ")}\n${more}`;
}

type Given = Partial<Grounds> & { readonly called?: readonly string[] };

export function findingsOf(text: string, { called = [], ...grounds }: Given = {}): readonly ValidationFinding[] {
  const granted: Granted = { approveIrreversible: false };
  return validated(definitionOf(text, called), {
    catalog: tools,
    granted,
    ...grounds,
  });
}

/** Findings in a line each: severity, code, place. */
export function found(text: string, given: Given = {}): readonly string[] {
  return findingsOf(text, given).map(({ severity, code, path }) => `${severity} ${code} ${pathText(path)}`);
}
