import { generateSync } from "json-schema-faker";
import type { Json } from "#events/json.ts";
import { scriptedLike, takes } from "#src/testing/scripted-tool.ts";
import { ToolFailure, type Tool } from "#src/tools/define.ts";

// Tools that do nothing, with the names, versions and schemas of those whose place they take.
//
// S1. A call gives what the script says for its step, else for its tool, else something that the tool's output schema
//     allows: the same for the same step in every run.

/** Outputs by path of a step, in which items and rounds may be `*`, or by name of a tool. */
export type OutputScript = Readonly<Record<string, Json>>;

/** How long a call takes, in virtual ms. */
const CALL_MS = 200;

export function standIns(tools: readonly Tool[], script: OutputScript): Tool[] {
  return tools.map((tool) =>
    scriptedLike<unknown, unknown>(tool, ({ step }) => takes(CALL_MS, outputOf(tool, stepOf(step), script))),
  );
}

/** Fails with `no-stand-in` where nothing can be made up. */
function outputOf(tool: Tool, step: string, script: OutputScript): unknown {
  const pattern = step.replaceAll(/(?<=\/)\d+(?=\/)/g, "*");
  for (const name of [step, pattern, tool.name]) if (Object.hasOwn(script, name)) return script[name];
  try {
    return generateSync(tool.outputSchema, { seed: seedOf(`${tool.name} ${pattern}`) });
  } catch (cause) {
    const message = `what ${tool.name} gives cannot be made up for ${step}; say it in a script`;
    throw new ToolFailure("bug", message, { code: "no-stand-in", cause });
  }
}

/** Without what an idempotency key says beside the path. */
function stepOf(called: string): string {
  return called.replace(/\/fallback-\d+$/, "").replaceAll(/~\d+(?=\/|$)/g, "");
}

/** FNV-1a, 32 bits. */
function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}
