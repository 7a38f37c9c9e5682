import { appendFileSync } from "node:fs";
import { lstat, readFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { z } from "zod";
import { builtinTools, defineTool, type Tool, type ToolContext } from "planwright";
import { takeTurn } from "./examine.turn.ts";

// The tools of the example plan: how a user's own tools look. All of them only read, so any of them may run again.
//
// X1. They stay inside the root that the person named, and follow no link.
// X2. What they do is bounded: so many files, so many bytes each.

const MAX_FILES = 5_000;
const MAX_FILE_BYTES = 1024 * 1024;
const MAX_LINE_CHARS = 120;
const PERCENT = 100;

const paths = z.array(z.string());

const kinds = defineTool({
  name: "examine.kinds",
  version: "1.0.0",
  description: "Counts files by the ending of their names, the most frequent first.",
  input: z.strictObject({ paths, most: z.int().positive() }),
  output: z.array(z.object({ extension: z.string(), files: z.int() })),
  sideEffects: "read",
  run({ paths: names, most }) {
    const counts = new Map<string, number>();
    for (const name of names) {
      const extension = path.extname(name) || "(none)";
      counts.set(extension, (counts.get(extension) ?? 0) + 1);
    }
    return [...counts]
      .map(([extension, files]) => ({ extension, files }))
      .sort((a, b) => b.files - a.files || (a.extension < b.extension ? -1 : 1))
      .slice(0, most);
  },
});

const weigh = defineTool({
  name: "examine.weigh",
  version: "1.0.0",
  description: "Adds up bytes and lines of files and names the largest.",
  input: z.strictObject({ paths, most: z.int().positive() }),
  output: z.object({
    bytes: z.int(),
    lines: z.int(),
    largest: z.array(z.object({ path: z.string(), bytes: z.int() })),
  }),
  sideEffects: "read",
  async run({ paths: names, most }, context) {
    using turn = new DisposableStack();
    turn.use(takeTurn(context.roots.fs));
    const files: { path: string; bytes: number }[] = [];
    let lines = 0;
    for await (const { name, text } of textsOf(names, context)) {
      files.push({ path: name, bytes: Buffer.byteLength(text) });
      lines += text.split("\n").length - 1;
    }
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    return { bytes, lines, largest: files.sort((a, b) => b.bytes - a.bytes).slice(0, most) };
  },
});

const search = defineTool({
  name: "examine.search",
  version: "1.0.0",
  description: "Finds lines that contain one of some words, as whole words.",
  input: z.strictObject({ paths, words: z.array(z.string().regex(/^\w+$/)).min(1), most: z.int().positive() }),
  output: z.array(z.object({ path: z.string(), line: z.int(), text: z.string() })),
  sideEffects: "read",
  async run({ paths: names, words, most }, context) {
    using turn = new DisposableStack();
    turn.use(takeTurn(context.roots.fs));
    const wanted = new RegExp(`\\b(?:${words.join("|")})\\b`);
    const found: { path: string; line: number; text: string }[] = [];
    for await (const { name, text } of textsOf(names, context)) {
      for (const [index, line] of text.split("\n").entries()) {
        if (!wanted.test(line)) continue;
        found.push({ path: name, line: index + 1, text: line.trim().slice(0, MAX_LINE_CHARS) });
        if (found.length >= most) return found;
      }
    }
    return found;
  },
});

/** Texts of the files among the names, with progress; what is no text, a link or too large is passed over. */
async function* textsOf(
  names: readonly string[],
  context: ToolContext,
): AsyncGenerator<{ name: string; text: string }> {
  const chosen = names.slice(0, MAX_FILES);
  for (const [index, name] of chosen.entries()) {
    context.signal.throwIfAborted();
    context.progress({ percent: (index / chosen.length) * PERCENT, message: name });
    const text = await textOf(path.join(context.roots.fs, name));
    if (text !== undefined) yield { name, text };
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    const found = await lstat(file);
    if (!found.isFile() || found.size > MAX_FILE_BYTES) return undefined;
    const text = await readFile(file, "utf8");
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined; // It vanished, or may not be read: the report is about the rest.
  }
}

const own: readonly Tool[] = [kinds, weigh, search];

/** A file that gets one line for each completed run, from which a test counts what ran again after a crash. */
const ledger = process.env["PLANWRIGHT_EXAMPLE_LEDGER"];

/** What the plan calls: with a ledger the built-in tools are counted too. */
export const tools: readonly Tool[] =
  ledger === undefined ? own : [...own, ...builtinTools].map((tool) => counted(tool, ledger));

function counted(tool: Tool, file: string): Tool {
  return {
    ...tool,
    run: async (args, context) => {
      const output = await tool.run(args, context);
      appendFileSync(file, `${context.idempotencyKey}\n`);
      return output;
    },
  };
}
