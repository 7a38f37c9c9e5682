import { appendFileSync, existsSync, readFileSync } from "node:fs";
import process from "node:process";
import path from "node:path";
import { z } from "zod";
import type * as Planwright from "#src/index.ts";
import { repositoryAt } from "./changes.ts";

// Tools whose effect is a line in a file outside of the store, written before they answer: what really happened, whatever
// the log says. A killed process loses no line that it wrote.
//
// E1. A call writes `begun` first and `done` when its effect is there: one that was killed in between has begun only.
// E2. A line is one write to a file that is open for appending, so that lines of calls beside each other do not mix.

// The program that loads this is the one of the sources, or the built one.
const door = process.env["PLANWRIGHT_DIST"] === "1" ? "planwright" : "#src/index.ts";
const { defineTool, ToolFailure } = (await import(door)) as typeof Planwright;

const LEDGER = process.env["PLANWRIGHT_CRASH_LEDGER"] ?? "";
const BIG_CHARACTERS = 100_000;
const INLINE_CHARACTERS = 28_000;

const shared = { version: "1.0.0", module: import.meta.url } as const;
const work = z.strictObject({
  /** What is waited for, so that others come first. */
  after: z.unknown().optional(),
  ms: z.int().min(0).max(10_000).default(0),
});

const once = defineTool({
  ...shared,
  name: "effects.once",
  description: "Has an effect that must not be repeated.",
  input: work,
  output: z.string(),
  sideEffects: "write",
  run: effect("effects.once"),
});

const again = defineTool({
  ...shared,
  name: "effects.again",
  description: "Has an effect that may be repeated.",
  input: work,
  output: z.string(),
  sideEffects: "write",
  idempotent: true,
  run: effect("effects.again"),
});

const flaky = defineTool({
  ...shared,
  name: "effects.flaky",
  description: "Fails until it has begun often enough, however often its process was killed meanwhile.",
  input: work.extend({ failures: z.int().min(0).max(100) }),
  output: z.string(),
  sideEffects: "write",
  run: async ({ ms, failures }, context) => {
    write("effects.flaky", "begun", context);
    await pause(ms, context);
    const begun = beginnings(context.idempotencyKey);
    if (begun > failures) return done("effects.flaky", context);
    write("effects.flaky", "failed", context);
    throw new ToolFailure("unavailable", `begun ${begun} times, fails ${failures} times`);
  },
});

const takeBack = defineTool({
  ...shared,
  name: "effects.take-back",
  description: "Takes back the effect of a call, or finds that there is none.",
  input: z.strictObject({ of: z.string().nullable(), ms: z.int().min(0).default(0) }),
  output: z.string(),
  sideEffects: "write",
  idempotent: true,
  run: async ({ ms }, context) => {
    write("effects.take-back", "begun", context);
    await pause(ms, context);
    return done("effects.take-back", context);
  },
});

const big = defineTool({
  ...shared,
  name: "effects.big",
  description: "Gives a text that is too large for a fact.",
  input: work.extend({ letter: z.string().length(1) }),
  output: z.string(),
  sideEffects: "read",
  run: async ({ ms, letter }, context) => {
    await pause(ms, context);
    // No other call gives the same bytes.
    return `${context.idempotencyKey}\n${letter.repeat(BIG_CHARACTERS)}`;
  },
});

const bulky = defineTool({
  ...shared,
  name: "effects.bulky",
  description: "Gives a text that just stays in its fact, so that the write-ahead log fills quickly.",
  input: work,
  output: z.string(),
  sideEffects: "read",
  run: () => "b".repeat(INLINE_CHARACTERS),
});

const repository = defineTool({
  ...shared,
  name: "effects.repository",
  description: "Makes a repository of git with some files, where it is not there.",
  input: z.strictObject({ path: z.string() }),
  output: z.string(),
  sideEffects: "write",
  idempotent: true,
  run: ({ path: name }, { roots }) => {
    const top = path.join(roots.fs, name);
    if (!existsSync(top)) repositoryAt(top);
    return name;
  },
});

export const tools = [once, again, flaky, takeBack, big, bulky, repository];

function effect(tool: string) {
  return async ({ ms }: { readonly ms: number }, context: Planwright.ToolContext): Promise<string> => {
    write(tool, "begun", context);
    await pause(ms, context);
    return done(tool, context);
  };
}

/** Gives the key of the call, by which a later one takes it back. */
function done(tool: string, context: Planwright.ToolContext): string {
  write(tool, "done", context);
  return context.idempotencyKey;
}

function write(
  tool: string,
  what: "begun" | "done" | "failed",
  { idempotencyKey: key, clock }: Planwright.ToolContext,
): void {
  appendFileSync(LEDGER, `${JSON.stringify({ key, tool, what, at: clock.now(), pid: process.pid })}\n`);
}

function beginnings(key: string): number {
  const mark = `"key":${JSON.stringify(key)},"tool":"effects.flaky","what":"begun"`;
  return readFileSync(LEDGER, "utf8").split(mark).length - 1;
}

function pause(ms: number, { clock, signal }: Planwright.ToolContext): Promise<void> {
  if (ms === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = clock.after(ms, resolve);
    signal.addEventListener("abort", () => {
      timer[Symbol.dispose]();
      reject(signal.reason instanceof Error ? signal.reason : new Error("stopped"));
    });
  });
}
