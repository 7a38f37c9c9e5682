// json.transform: reshapes JSON by an expression in JSONata. The language is complete, so an expression may run for ever
// or fill any memory: the tool runs in a process of its own unless a step asks for a thread, and its timeout ends it.
//
// J1. An expression that does not parse is refused as an argument: with a constant one before the plan runs.
// J2. JSONata is loaded with the first expression, not with the tool.

import { createRequire } from "node:module";
import type jsonata from "jsonata";
import { z } from "zod";
import type { ErrorCategory } from "#events/errors.ts";
import { defineTool, ToolFailure } from "../define.ts";
import { toJsonOutput } from "../json-output.ts";

const MAX_EXPRESSION_CHARS = 65_536;
const DEFAULT_TIMEOUT_MS = 30_000;

const expression = z
  .string()
  .min(1)
  .max(MAX_EXPRESSION_CHARS)
  .superRefine((text, context) => {
    const compiled = compile(text);
    if ("problem" in compiled) context.addIssue({ code: "custom", message: compiled.problem.text });
  })
  .describe("JSONata; `$` and names read `data`");

export const jsonTransform = defineTool({
  name: "json.transform",
  version: "1.0.0",
  description: "Reshapes JSON by an expression in JSONata, in a process of its own. Nothing found is null.",
  input: z.strictObject({ data: z.unknown(), expression }),
  output: z.unknown(),
  sideEffects: "read",
  isolate: "process",
  timeoutMs: DEFAULT_TIMEOUT_MS,
  async run({ data, expression: text }) {
    const compiled = compile(text);
    if ("problem" in compiled) throw failureOf(compiled.problem);
    const result: unknown = await evaluate(compiled.expression, data, text);
    const json = toJsonOutput(result ?? null);
    if (json.ok || json.reason === "too-large") return result ?? null;
    const message = `the expression gives what JSON cannot carry: ${json.message}`;
    throw new ToolFailure("validation", message, { code: "transform-not-json" });
  },
});

interface Problem {
  readonly category: ErrorCategory;
  /** With the place in the expression. */
  readonly text: string;
  /** JSONata's own. */
  readonly code?: string;
}

function compile(text: string): { readonly expression: jsonata.Expression } | { readonly problem: Problem } {
  try {
    return { expression: language()(text) };
  } catch (error) {
    const problem = problemOf(error, text);
    if (problem === undefined) throw error;
    return { problem };
  }
}

async function evaluate(compiled: jsonata.Expression, data: unknown, text: string): Promise<unknown> {
  try {
    return await compiled.evaluate(data);
  } catch (error) {
    const problem = problemOf(error, text);
    throw problem === undefined ? error : failureOf(problem);
  }
}

/** What JSONata throws is no Error but a record; its token may be the value of a literal. */
const thrown = z.object({
  code: z.string().optional(),
  message: z.string(),
  position: z.int().optional(),
  token: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional().catch(undefined),
});

/** Undefined for what JSONata does not throw. */
function problemOf(error: unknown, text: string): Problem | undefined {
  // The engine's own limits: of the stack, or of a text.
  if (error instanceof RangeError) return { category: "resource-exhausted", text: error.message };
  const { data } = thrown.safeParse(error);
  if (data === undefined || error instanceof Error) return undefined;
  const { code = "", message, position, token } = data;
  const place =
    position === undefined ? "" : `${placeIn(text, position)}${token === undefined ? "" : ` (${String(token)})`}: `;
  const category = TOO_LONG.has(code) ? "resource-exhausted" : "validation";
  return { category, text: place + message, code };
}

function placeIn(text: string, position: number): string {
  const lines = text.slice(0, position).split("\n");
  return `line ${lines.length}, character ${lines.at(-1)?.length ?? 0}`;
}

/** A sequence over JSONata's own limit. */
const TOO_LONG: ReadonlySet<string> = new Set(["D2014", "D2015"]);

function failureOf({ category, text, code }: Problem): ToolFailure {
  const details = code === undefined ? {} : { details: { jsonata: code } };
  return new ToolFailure(category, text, { code: "transform-failed", ...details });
}

let loaded: typeof jsonata | undefined;

function language(): typeof jsonata {
  loaded ??= createRequire(import.meta.url)("jsonata") as typeof jsonata;
  return loaded;
}
