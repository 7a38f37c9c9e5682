import { z } from "zod";
import { Fault } from "#events/fault.ts";
import { MAX_REQUEST_CHARS } from "#src/planning/analysis/analyse.ts";
import { MAX_CHAIN } from "#src/planning/prediction/history.ts";
import type { Example } from "#src/planning/prediction/predictor.ts";

// Requests whose tools are known, as a person brings them: a JSON object a line, `{"request": …, "tools": […]}`, perhaps with `steps`,
// what each tool is used for in words. The lines of UltraTool (GNN4TaskPlan) are read as well.
//
// E1. A line that is not in the format is an error, with its place. One that is and teaches nothing is left out, with the reason.

export interface Skipped {
  /** `file:line`. */
  readonly where: string;
  readonly why: string;
}

export interface ReadExamples {
  readonly examples: readonly Example[];
  readonly skipped: readonly Skipped[];
}

const MAX_TOOL_CHARS = 200;
const TOOL = z.string().min(1).max(MAX_TOOL_CHARS);
const OWN = z.object({ request: z.string(), tools: z.array(TOOL), steps: z.array(z.string()).optional() });
const ULTRATOOL = z.object({
  user_request: z.string(),
  task_nodes: z.array(z.object({ task: TOOL })),
  task_steps: z.array(z.string()).optional(),
});
/** Before what a step is for, in UltraTool: "Step 1 Call file_write to". */
const STEP_PREFIX = /^Step \d+ Call \S+ to /;

/** Fault: `examples-malformed`. */
export function examplesIn(text: string, file: string): ReadExamples {
  const examples: Example[] = [];
  const skipped: Skipped[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const where = `${file}:${index + 1}`;
    const example = exampleOf(line, where);
    const why = reasonToSkip(example);
    if (why === undefined) examples.push(example);
    else skipped.push({ where, why });
  }
  return { examples, skipped };
}

function exampleOf(line: string, where: string): Example {
  const value = jsonOf(line, where);
  const foreign = ULTRATOOL.safeParse(value);
  if (foreign.success) {
    const { user_request: request, task_nodes: nodes, task_steps: steps = [] } = foreign.data;
    const chain = nodes.map(({ task }) => task);
    return { request, chain, steps: steps.map((step) => step.replace(STEP_PREFIX, "")) };
  }
  const own = OWN.safeParse(value);
  if (!own.success) {
    const issue = own.error.issues[0];
    const place = issue?.path.join(".") ?? "";
    throw new Fault("examples-malformed", `${where}: ${place === "" ? "" : `${place}: `}${issue?.message ?? "?"}`);
  }
  const { request, tools, steps } = own.data;
  return { request, chain: tools, ...(steps === undefined ? {} : { steps }) };
}

/** Fault: `examples-malformed`. */
function jsonOf(line: string, where: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("examples-malformed", `${where}: no JSON: ${why}`, { cause });
  }
}

function reasonToSkip({ request, chain, steps }: Example): string | undefined {
  if (request.trim() === "") return "the request is empty";
  if (request.length > MAX_REQUEST_CHARS) return `the request has more than ${MAX_REQUEST_CHARS} characters`;
  if (chain.length === 0) return "it names no tool";
  if (chain.length > MAX_CHAIN) return `it names more than ${MAX_CHAIN} tools`;
  if (steps !== undefined && steps.length > 0 && steps.length !== chain.length)
    return `it has ${steps.length} steps for ${chain.length} tools`;
  return undefined;
}
