import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { defineTool, ToolFailure, type ToolContext } from "planwright";

// The tools of the magazine's own desk: texts and pictures. They read, so any of them may run again, and stay inside the
// root that the person named.

/** A name below the root, as a path. */
export function inside({ roots }: ToolContext, name: string): string {
  const file = path.resolve(roots.fs, name);
  if (file.startsWith(roots.fs + path.sep)) return file;
  throw new ToolFailure("permission", `${name} is not below the root`);
}

export const article = defineTool({
  name: "desk.article",
  version: "1.0.0",
  description: "Takes a manuscript apart: its title, its text, and how many words it has.",
  input: z.strictObject({ text: z.string() }),
  output: z.object({ title: z.string(), text: z.string(), words: z.int() }),
  sideEffects: "read",
  run({ text }) {
    const [, title, body = ""] = /^# (.+)\n+([^]*)$/.exec(text.trim()) ?? [];
    if (title === undefined) throw new ToolFailure("validation", "the manuscript has no title", { code: "untitled" });
    return { title, text: body, words: body.split(/\s+/).length };
  },
});

const TWICE = /\b(\w+)(\s+)\1\b/;

export const proofread = defineTool({
  name: "desk.proofread",
  version: "1.0.0",
  description: "Mends the first word that stands twice in a row, and counts those that are left.",
  input: z.strictObject({ text: z.string() }),
  output: z.object({ text: z.string(), mistakes: z.int() }),
  sideEffects: "read",
  run({ text }) {
    const mended = text.replace(TWICE, "$1");
    return { text: mended, mistakes: mended.match(new RegExp(TWICE, "g"))?.length ?? 0 };
  },
});

const picture = z.object({ svg: z.string(), by: z.string() });

export const artist = defineTool({
  name: "desk.picture",
  version: "1.0.0",
  description: "Takes the artist's picture from a folder.",
  input: z.strictObject({ path: z.string() }),
  output: picture,
  sideEffects: "read",
  async run({ path: name }, context) {
    const file = inside(context, name);
    const svg = await readFile(file, { encoding: "utf8", signal: context.signal }).catch((cause: unknown) => {
      throw new ToolFailure("unavailable", "the artist has not sent the picture yet", { cause });
    });
    return { svg, by: "the artist" };
  },
});

export const draw = defineTool({
  name: "desk.draw",
  version: "1.0.0",
  description: "Draws a plain cover: a title and a number.",
  input: z.strictObject({ title: z.string(), number: z.int() }),
  output: picture,
  sideEffects: "read",
  run: ({ title, number }) => ({
    svg: `<svg viewBox="0 0 148 210"><text x="12" y="40">${title}</text><text x="12" y="190">no. ${number}</text></svg>`,
    by: "the desk",
  }),
});

/** A step in the form that facts carry. */
const step = (id: string, more: object) => ({ id, needs: [], join: "all", fallback: [], ...more });

/** Says what is done about a letter: the rest of its plan. With a failure it has been tried, and a person has to answer. */
export const letter = defineTool({
  name: "desk.letter",
  version: "1.0.0",
  description: "Reads a letter, and says what is to be done about it.",
  input: z.strictObject({ text: z.string(), failure: z.unknown().optional() }),
  output: z.object({ rest: z.object({ steps: z.array(z.unknown()), respond: z.string() }) }),
  sideEffects: "read",
  run({ text, failure }) {
    const topic = /about (\w+)/.exec(text)?.[1];
    if (topic === undefined || failure !== undefined) {
      const asked = step("answer", { kind: "signal", signal: "answer", description: text });
      return { rest: { steps: [asked], respond: "${steps.answer.output}" } };
    }
    const call = {
      tool: "fs.read",
      version: "1.0.0",
      with: { path: `manuscripts/${topic}.md` },
      idempotent: true,
      timeoutMs: 5_000,
    };
    const retry = { attempts: 1, delayMs: 0, maxDelayMs: 0, backoff: "fixed", jitter: "none" };
    const looked = step("looked", { kind: "tool", call, retry });
    return {
      rest: { steps: [looked], respond: "We had something about it: ${steps.looked.output.split('\\n')[0]}" },
    };
  },
});
