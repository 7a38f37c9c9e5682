import { z } from "zod";
import { isJsonList, type Json, type JsonObject } from "#events/json.ts";
import { splitTemplate } from "#machines/expressions/template-text.ts";
import { action, type Action } from "#src/implementation/changes/action.ts";
import type { Complaint, Remark } from "#src/language/finding.ts";
import { instantiated } from "#src/templates/instantiate.ts";
import type { WholeTemplate } from "#src/templates/template.ts";
import { problemsIn } from "./misfit.ts";

// A remedy that is a template: a step that is a `value` with the actions, so that templates of remedies are tested, inherited and found as
// all others are.
//
// T1. What comes out is data: a body that has an expression left is refused, and held against the same schema as actions in the file.

export type FindTemplate = (reference: string) => WholeTemplate | Remark;

export const NO_TEMPLATES: FindTemplate = (reference) => ({
  code: "unknown-template",
  message: `there is no template ${JSON.stringify(reference)}`,
});

const remedyValue = z.strictObject({
  title: z.string().min(1).exactOptional(),
  files: z.array(z.string().min(1)).exactOptional(),
  actions: z.array(action).min(1),
});

interface TemplateRemedy {
  readonly title?: string;
  readonly files?: readonly string[];
  readonly actions: readonly Action[];
}

/** A text says why there is none. */
export function remedyByTemplate(reference: string, values: JsonObject, find: FindTemplate): TemplateRemedy | string {
  const template = find(reference);
  if ("code" in template) return template.message;
  const made = instantiated(template, values);
  if (!made.ok) return made.findings.map(({ message }: Complaint) => message).join("; ");
  const { value } = made.source;
  if (template.kind !== "step" || value === undefined) {
    return `the template ${template.name} is not a step that is a value with actions`;
  }
  const constant = constantOf(value);
  if (constant === undefined) return `the template ${template.name} has an expression left that is no parameter`;
  const read = remedyValue.safeParse(constant);
  return read.success ? read.data : `what the template ${template.name} gives is no remedy: ${problemsIn(read.error)}`;
}

/** The value that a plan would read; undefined where something is only known when it runs. */
function constantOf(part: Json): Json | undefined {
  if (typeof part === "string") {
    const split = splitTemplate(part);
    if (!split.ok || split.parts.some(({ kind }) => kind === "expression")) return undefined;
    return split.parts.map(({ text }) => text).join("");
  }
  if (isJsonList(part)) {
    const items = part.map(constantOf);
    return items.every((item) => item !== undefined) ? items : undefined;
  }
  if (typeof part !== "object" || part === null) return part;
  const entries = Object.entries(part).map(([name, inner]) => [name, constantOf(inner)] as const);
  const known = entries.filter((entry): entry is readonly [string, Json] => entry[1] !== undefined);
  return known.length === entries.length ? Object.fromEntries(known) : undefined;
}
