import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { SILENT, type Log } from "#src/ports/log.ts";
import type { Clock } from "#src/ports/clock.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import type { McpServerSettings, SourcesSettings } from "#src/sources/settings.ts";
import { OpenSources } from "#src/sources/sources.ts";
import type { Tool } from "#src/tools/define.ts";
import { registry, type ToolRegistry } from "#src/tools/registry.ts";

// Sources as a command opens them, with real servers in processes of their own.

export interface Opened {
  readonly sources: OpenSources;
  readonly tools: ToolRegistry;
  /** Of messages. */
  readonly problems: readonly string[];
  tool(name: string): Tool;
}

export interface Around {
  readonly clock?: Clock;
  readonly log?: Log;
  readonly signal?: AbortSignal;
}

/** Closed with the test. */
export async function opened(settings: SourcesSettings, around: Around = {}): Promise<Opened> {
  const { clock = systemClock, log = SILENT, signal = new AbortController().signal } = around;
  const sources = await OpenSources.open(settings, { clock, log, signal });
  onTestFinished(() => sources[Symbol.asyncDispose]());
  const tools = registry([], sources.sources);
  return {
    sources,
    tools,
    get problems() {
      return sources.problems.map(({ message }) => message);
    },
    tool: (name) => {
      const tool = tools.get(name);
      if (tool === undefined)
        throw new Error(
          `no tool ${name} among ${tools
            .list()
            .map((one) => one.name)
            .join(", ")}`,
        );
      return tool;
    },
  };
}

/** A server of this repository that does what its scenario says. */
export function odd(scenario: string, rest: Partial<McpServerSettings> = {}, journal?: string): McpServerSettings {
  const server = fileURLToPath(new URL("mcp/odd-server.ts", import.meta.url));
  const args = [server, scenario, ...(journal === undefined ? [] : [journal])];
  return { command: process.execPath, args, ...rest };
}

export function oddOnly(scenario: string, rest: Partial<McpServerSettings> = {}, journal?: string): SourcesSettings {
  return { mcp: { servers: { odd: odd(scenario, rest, journal) } } };
}

/** The program of a server from npm. */
export function programOf(server: string): string {
  return fileURLToPath(new URL(`../../node_modules/@modelcontextprotocol/${server}/dist/index.js`, import.meta.url));
}

export interface Journal {
  readonly file: string;
  lines(): Promise<readonly string[]>;
}

export async function journal(): Promise<Journal> {
  const folder = await mkdtemp(path.join(tmpdir(), "planwright-sources-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, "journal");
  return { file, lines: async () => (await readFile(file, "utf8").catch(() => "")).split("\n").filter(Boolean) };
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
