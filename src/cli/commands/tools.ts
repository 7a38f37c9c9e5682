import { Fault } from "#events/fault.ts";
import type { Tool } from "#src/tools/define.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";
import { toolView } from "#src/tools/tool-view.ts";
import type { ToolTraits } from "#src/tools/traits.ts";
import { lineText, safeText } from "#src/cli/text.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { openTools } from "#src/cli/open-tools.ts";
import type { Configuration } from "#src/config/configuration.ts";

// `tools`: what plans can call here, the built-in tools and those of the modules and sources that are named.
// The schemas are those that a plan is checked against.

export interface ToolFlags {
  readonly tools?: readonly string[];
  readonly json?: boolean;
  readonly configuration?: Configuration;
}

/** All tools in a line each, or one with its schemas. Fault: `unknown-tool`. */
export async function tools(name: string | undefined, flags: ToolFlags, terminal: Terminal): Promise<ExitCode> {
  const { configuration } = flags;
  await using opened = await openTools(flags.tools, { configuration, tell: (line) => terminal.err(line) });
  const known = opened.tools;
  if (name === undefined) {
    if (flags.json === true) terminal.out(JSON.stringify({ tools: known.list().map(toolView) }));
    else for (const tool of known.list()) terminal.out(lineOf(tool, terminal));
    return EXIT.ok;
  }
  const tool = known.get(name);
  if (tool === undefined) throw unknownTool(name, known);
  terminal.out(flags.json === true ? JSON.stringify(toolView(tool)) : textOf(tool, terminal));
  return EXIT.ok;
}

function unknownTool(name: string, known: ToolRegistry): Fault {
  const absence = known.absence(name);
  if (absence !== undefined) return new Fault("unknown-tool", absence.message);
  const nearest = known.nearest(name);
  const meant = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  return new Fault("unknown-tool", `there is no tool ${JSON.stringify(name)}${meant}`);
}

const NAME_CHARS = 14;
const MAX_LINE_CHARS = 300;

/** A description may come from a server: one line of it, and nothing that steers the terminal. */
function lineOf({ name, description }: Tool, terminal: Terminal): string {
  return `${terminal.paint("bold", name.padEnd(NAME_CHARS))} ${lineText(description, MAX_LINE_CHARS)}`;
}

function textOf(tool: Tool, terminal: Terminal): string {
  const { name, version, description, sideEffects, idempotent, inputSchema, outputSchema } = tool;
  return [
    `${terminal.paint("bold", name)} ${version}`,
    safeText(description),
    `side effects: ${sideEffects}${idempotent ? ", idempotent" : ", not idempotent"}`,
    `runs in ${placeOf(tool)}`,
    ...traitLines(tool),
    `input: ${JSON.stringify(inputSchema, null, 2)}`,
    `output: ${JSON.stringify(outputSchema, null, 2)}`,
  ].join("\n");
}

function placeOf({ isolate, source }: Tool): string {
  if (source !== undefined) return source;
  return isolate === undefined ? "the loop" : `a ${isolate} of its own`;
}

function traitLines({ cost, ...traits }: ToolTraits): readonly string[] {
  const lists = (["domains", "permissions", "preconditions", "effects"] as const).flatMap((trait) => {
    const terms = traits[trait] ?? [];
    return terms.length === 0 ? [] : [`${trait}: ${terms.join(", ")}`];
  });
  return cost === undefined ? lists : [`cost: ${cost.amount} ${cost.unit} a call`, ...lists];
}
