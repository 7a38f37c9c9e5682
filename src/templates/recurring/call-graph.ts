import type { PlanDefinition, ToolStep } from "#events/definition.ts";
import { contentHash } from "#events/canonical.ts";
import type { Json, JsonObject } from "#events/json.ts";
import { isJsonList, isJsonObject } from "#events/json.ts";

// A plan of the past as the calls of its tools and what flows between them: which output goes into which argument of which other call.
//
// G1. Only the plan's own steps count; what stands inside of `each` and `repeat`, and what waits or asks, is not looked into.
// G2. Two plans are the same graph where they call the same tools with the same arguments: how often a file was run says nothing of what
//     recurs in other plans.

export interface Call {
  readonly id: string;
  readonly tool: string;
  readonly with: JsonObject;
}

/** What a call takes from another one. */
export interface Link {
  readonly from: number;
  readonly to: number;
  /** Equal for equal flows: arguments with the texts in them, whatever the steps are called. */
  readonly label: string;
}

export interface CallGraph {
  readonly plan: string;
  /** Where it stands among the others. */
  readonly rank: number;
  readonly calls: readonly Call[];
  readonly links: readonly Link[];
  readonly digest: string;
}

/** Of a link that is only an order. */
const AFTER = "after";

/** What is looked at of one plan. */
const MAX_CALLS = 100;

export function callGraph(plan: string, { steps }: PlanDefinition): CallGraph {
  const tools = steps.filter((step) => step.kind === "tool" && step.revises !== true).slice(0, MAX_CALLS);
  const own = tools.filter((step): step is ToolStep => step.kind === "tool");
  const at = new Map(own.map(({ id }, index) => [id, index]));
  const calls = own.map(({ id, call }): Call => ({ id, tool: call.tool, with: call.with ?? {} }));
  const links = own.flatMap(({ needs }, to) =>
    needs.flatMap((need): readonly Link[] => {
      const from = at.get(need);
      const taker = calls[to];
      return from === undefined || taker === undefined ? [] : [{ from, to, label: labelOf(taker.with, need) }];
    }),
  );
  const said = calls.map(({ tool, with: given, id }) => ({ id, tool, with: given }));
  return { plan, rank: 0, calls, links, digest: contentHash(said) };
}

const REFERENCE = /\bsteps\s*\.\s*([a-z][A-Za-z0-9_]*)/g;

/** Steps that a text refers to. A text in quotes that looks like a reference counts as well: that only tells two flows apart. */
export function stepsIn(text: string): readonly string[] {
  return text.includes("${") ? Array.from(text.matchAll(REFERENCE), ([, id = ""]) => id) : [];
}

/** The text with other names for the steps. */
export function renamed(text: string, name: (id: string) => string): string {
  return text.includes("${") ? text.replaceAll(REFERENCE, (_, id: string) => `steps.${name(id)}`) : text;
}

function labelOf(given: JsonObject, need: string): string {
  const flows: string[] = [];
  const visit = (value: Json, path: string): void => {
    if (typeof value === "string") {
      if (stepsIn(value).includes(need)) flows.push(`${path}=${renamed(value, (id) => (id === need ? "<" : "?"))}`);
    } else if (isJsonList(value)) value.forEach((inner, index) => visit(inner, `${path}/${index}`));
    else if (isJsonObject(value)) for (const [key, inner] of Object.entries(value)) visit(inner, `${path}/${key}`);
  };
  visit(given, "");
  return flows.length === 0 ? AFTER : flows.sort().join("\n");
}
