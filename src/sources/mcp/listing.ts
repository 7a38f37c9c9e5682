import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { z } from "zod";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { plainText } from "#src/sources/plain-text.ts";
import { schemaFlaw } from "#src/sources/schema-bounds.ts";

// The tools that a server lists, read one by one: a tool that cannot be used is left out and named, the others are there.
//
// L1. Nothing in a list has a measure of its own: pages, tools, texts and schemas are bounded.
// L2. A description is a text for whoever plans and nothing more; what steers terminals or hides from readers is taken out of it.

export interface ListedTool {
  /** The server's. */
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  /** Undefined where it says nothing about what it gives. */
  readonly outputSchema: JsonSchema | undefined;
  readonly hints: ToolHints;
}

interface ToolHints {
  readonly readOnly: boolean | undefined;
  readonly destructive: boolean | undefined;
  readonly idempotent: boolean | undefined;
}

export interface Listing {
  readonly tools: readonly ListedTool[];
  /** What was left out, and why. */
  readonly flaws: readonly string[];
}

const MAX_PAGES = 100;
const MAX_TOOLS = 2_000;
const MAX_NAME_CHARS = 200;
const MAX_CATALOG_CHARS = 16 * 1024 * 1024;
const MAX_FLAWS = 20;
const SHOWN_NAME_CHARS = 60;

const page = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().optional() });

const hint = z.boolean().optional().catch(undefined);
const listed = z.looseObject({
  name: z.string().min(1).max(MAX_NAME_CHARS),
  title: z.string().optional().catch(undefined),
  description: z.string().catch(""),
  inputSchema: z.record(z.string(), z.unknown()),
  outputSchema: z.record(z.string(), z.unknown()).optional(),
  execution: z.looseObject({ taskSupport: z.unknown() }).optional().catch(undefined),
  annotations: z.looseObject({ readOnlyHint: hint, destructiveHint: hint, idempotentHint: hint }).catch({}).default({}),
});

/** Rejects with what the server or the connection says, and with the signal's reason. */
export async function listTools(client: Client, options: ListOptions): Promise<Listing> {
  const reader = new ListReader();
  let cursor: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const params = cursor === undefined ? {} : { cursor };
    const { tools, nextCursor } = await client.request({ method: "tools/list", params }, page, options);
    reader.take(tools);
    if (nextCursor === undefined || nextCursor === cursor || reader.isFull) return reader.listing();
    cursor = nextCursor;
  }
  return reader.listing(`it lists more than ${MAX_PAGES} pages; the rest is left out`);
}

export interface ListOptions {
  readonly signal: AbortSignal;
  readonly timeout: number;
}

class ListReader {
  isFull = false;
  private readonly tools = new Map<string, ListedTool>();
  private readonly flaws: string[] = [];
  private chars = 0;

  take(raw: readonly unknown[]): void {
    for (const tool of raw) {
      if (this.isFull) return;
      this.add(tool);
    }
  }

  listing(flaw?: string): Listing {
    const flaws = flaw === undefined ? this.flaws : [flaw, ...this.flaws];
    const more = flaws.length - MAX_FLAWS;
    const shown = more > 0 ? [...flaws.slice(0, MAX_FLAWS), `and ${more} more`] : flaws;
    return { tools: [...this.tools.values()], flaws: shown };
  }

  private add(raw: unknown): void {
    const read = readTool(raw);
    if (typeof read === "string") {
      this.flaws.push(read);
      return;
    }
    if (this.tools.has(read.name)) {
      this.flaws.push(`${shown(read.name)} is listed twice; the first one counts`);
      return;
    }
    this.chars += JSON.stringify([read.inputSchema, read.outputSchema]).length + read.description.length;
    if (this.tools.size >= MAX_TOOLS || this.chars > MAX_CATALOG_CHARS) {
      this.isFull = true;
      this.flaws.unshift(
        `it lists more than ${MAX_TOOLS} tools or ${MAX_CATALOG_CHARS} characters; the rest is left out`,
      );
      return;
    }
    this.tools.set(read.name, read);
  }
}

/** The tool, or why it is left out. */
function readTool(raw: unknown): ListedTool | string {
  const { data, error } = listed.safeParse(raw);
  if (error !== undefined)
    return `a tool cannot be read: ${error.issues[0]?.path.join(".") ?? ""} is not what it should be`;
  const { name, title = "", description, inputSchema, outputSchema, annotations } = data;
  const flaw = flawOf(data);
  if (flaw !== undefined) return `${shown(name)}: ${flaw}`;
  const { readOnlyHint, destructiveHint, idempotentHint } = annotations;
  return {
    name,
    description: plainText(description === "" ? title : description),
    inputSchema,
    outputSchema,
    hints: { readOnly: asHint(readOnlyHint), destructive: asHint(destructiveHint), idempotent: asHint(idempotentHint) },
  };
}

function flawOf({ execution, inputSchema, outputSchema }: z.infer<typeof listed>): string | undefined {
  if (execution?.taskSupport === "required") return "it runs as a task only, which is not supported";
  const input = schemaFlaw(inputSchema);
  if (input !== undefined) return `its input schema ${input}`;
  const output = outputSchema === undefined ? undefined : schemaFlaw(outputSchema);
  return output === undefined ? undefined : `its output schema ${output}`;
}

function asHint(hinted: unknown): boolean | undefined {
  return typeof hinted === "boolean" ? hinted : undefined;
}

function shown(name: string): string {
  return JSON.stringify(plainText(name).slice(0, SHOWN_NAME_CHARS));
}
