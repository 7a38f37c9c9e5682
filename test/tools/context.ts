// What a tool is given in these tests: the real clock, a root on the real file system, secrets from a map.

import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import { systemClock } from "#src/ports/system/clock.ts";
import type { ToolContext } from "#src/tools/define.ts";
import type { Tool } from "#src/tools/define.ts";
import { runTool } from "#src/tools/run.ts";

export interface ContextOptions {
  readonly root?: string;
  readonly signal?: AbortSignal;
  readonly allowPrivateNetwork?: boolean;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly said?: unknown[];
  readonly clock?: ToolContext["clock"];
}

export function contextOf(options: ContextOptions = {}): ToolContext {
  const { said = [], secrets = {} } = options;
  return {
    signal: options.signal ?? new AbortController().signal,
    idempotencyKey: "plan/step",
    roots: { fs: options.root ?? "/nonexistent", allowPrivateNetwork: options.allowPrivateNetwork ?? false },
    clock: options.clock ?? systemClock,
    progress: (update) => said.push(update),
    log: (message, fields) => said.push(message, fields),
    secret: async ({ $secret }) => {
      const value = secrets[$secret];
      if (value === undefined) throw new Error(`no secret ${$secret}`);
      return value;
    },
  };
}

/** A fresh directory, link-free, that goes away with the test. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await realpath(await mkdtemp(path.join(tmpdir(), "planwright-tools-")));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** The output, or the failure as `category code: message` in an error. */
export async function outputOf(tool: Tool, args: unknown, options: ContextOptions = {}): Promise<unknown> {
  const outcome = await runTool(tool, args, contextOf(options));
  if (outcome.ok) return outcome.output;
  throw new Error(`${outcome.error.category} ${outcome.error.code}: ${outcome.error.message}`);
}
