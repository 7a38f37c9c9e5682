import { Fault } from "#events/fault.ts";
import type { Tool } from "#src/tools/define.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { configuredTools } from "#src/cli/known-tools.ts";
import type { Configuration } from "#src/config/configuration.ts";

// `tools`: what plans can call here, the built-in tools and those of the modules that are named.
// The schemas are those that a plan is checked against.

export interface ToolFlags {
  readonly tools?: readonly string[];
  readonly json?: boolean;
  readonly configuration?: Configuration;
}

/** All tools in a line each, or one with its schemas. Fault: `unknown-tool`. */
export async function tools(name: string | undefined, flags: ToolFlags, terminal: Terminal): Promise<ExitCode> {
  const known = await configuredTools(flags.tools, flags.configuration);
  if (name === undefined) {
    if (flags.json === true) terminal.out(JSON.stringify({ tools: known.list().map(described) }));
    else for (const tool of known.list()) terminal.out(lineOf(tool, terminal));
    return EXIT.ok;
  }
  const tool = known.get(name);
  if (tool === undefined) {
    const nearest = known.nearest(name);
    const meant = nearest === undefined ? "" : `; did you mean ${nearest}?`;
    throw new Fault("unknown-tool", `there is no tool ${JSON.stringify(name)}${meant}`);
  }
  terminal.out(flags.json === true ? JSON.stringify(described(tool)) : textOf(tool, terminal));
  return EXIT.ok;
}

const NAME_CHARS = 14;

function lineOf({ name, description }: Tool, terminal: Terminal): string {
  return `${terminal.paint("bold", name.padEnd(NAME_CHARS))} ${description}`;
}

function textOf(tool: Tool, terminal: Terminal): string {
  const { name, version, description, sideEffects, idempotent, isolate, inputSchema, outputSchema } = tool;
  return [
    `${terminal.paint("bold", name)} ${version}`,
    description,
    `side effects: ${sideEffects}${idempotent ? ", idempotent" : ", not idempotent"}`,
    `runs in ${isolate === undefined ? "the loop" : `a ${isolate} of its own`}`,
    `input: ${JSON.stringify(inputSchema, null, 2)}`,
    `output: ${JSON.stringify(outputSchema, null, 2)}`,
  ].join("\n");
}

function described(tool: Tool) {
  const { name, version, description, sideEffects, idempotent, isolate, inputSchema, outputSchema } = tool;
  return { name, version, description, sideEffects, idempotent, isolate, inputSchema, outputSchema };
}
