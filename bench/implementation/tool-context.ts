import { systemClock } from "#src/ports/system/clock.ts";
import type { Json } from "#events/json.ts";
import type { ToolContext } from "#src/tools/define.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";
import { runTool } from "#src/tools/run.ts";

/** What a tool is given, inside a root. */
export function toolContext(root: string): ToolContext {
  return {
    signal: new AbortController().signal,
    idempotencyKey: "bench",
    roots: { fs: root, allowPrivateNetwork: false },
    clock: systemClock,
    progress: () => undefined,
    log: () => undefined,
    secret: () => Promise.reject(new Error("no secrets in a benchmark")),
  };
}

/** Calls a tool as an executor does, arguments and output checked. Throws what it fails with. */
export async function called(tools: ToolRegistry, name: string, call: { args: unknown; root: string }): Promise<Json> {
  const tool = tools.get(name);
  if (tool === undefined) throw new Error(`there is no tool ${name}`);
  const outcome = await runTool(tool, call.args, toolContext(call.root));
  if (!outcome.ok) throw new Error(`${name}: ${outcome.error.message}`);
  return outcome.output;
}
