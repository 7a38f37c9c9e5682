// `planwright mcp` as an agent starts it: a process whose stdin and stdout are the connection.
import { spawn } from "node:child_process";
import process from "node:process";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { answerOf, type Answer } from "../mcp/speaking.ts";
import { planwrightCommand } from "./command.ts";
import type { Workplace } from "./workplace.ts";

export interface McpProcess extends AsyncDisposable {
  readonly client: Client;
  readonly pid: number;
  call(name: string, args?: Record<string, unknown>): Promise<Answer>;
  /** What stderr has said so far. */
  stderr(): string;
}

/** Connected when this resolves. */
export async function mcpProcess(place: Workplace, ...args: readonly string[]): Promise<McpProcess> {
  const [command = "", ...rest] = planwrightCommand("mcp", ...args);
  const transport = new StdioClientTransport({ command, args: rest, cwd: place.path, stderr: "pipe" });
  let said = "";
  transport.stderr?.on("data", (part: Buffer) => (said += part.toString()));
  const client = new Client({ name: "test", version: "1.0.0" });
  await client.connect(transport);
  return {
    client,
    pid: transport.pid ?? 0,
    call: (name, given = {}) => answerOf(client, { name, args: given }),
    stderr: () => said,
    [Symbol.asyncDispose]: () => client.close(),
  };
}

export interface RawProcess {
  readonly pid: number;
  /** Lines, each as it is. */
  send(...lines: readonly string[]): void;
  /** The end of its input. */
  end(): void;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when stdout has a line that holds this text. */
  until(text: string): Promise<string>;
  readonly ended: Promise<{ readonly code: number | null; readonly lines: readonly string[]; readonly stderr: string }>;
}

/** The same, by bytes. */
export function rawProcess(place: Workplace, ...args: readonly string[]): RawProcess {
  const [command = "", ...rest] = planwrightCommand("mcp", ...args);
  const child = spawn(command, rest, { cwd: place.path, env: { ...process.env, NO_COLOR: "1" } });
  let [stdout, stderr] = ["", ""];
  const waiting = new Set<() => void>();
  child.stdin.on("error", () => undefined);
  child.stderr.setEncoding("utf8").on("data", (part: string) => (stderr += part));
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    stdout += part;
    for (const wake of waiting) wake();
  });
  const lines = () => stdout.split("\n").filter((line) => line !== "");
  return {
    pid: child.pid ?? 0,
    send: (...sent) => void child.stdin.write(`${sent.join("\n")}\n`),
    end: () => void child.stdin.end(),
    kill: (signal) => void child.kill(signal),
    until: async (text) => {
      for (;;) {
        const found = lines().find((line) => line.includes(text));
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
    },
    ended: new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve({ code, lines: lines(), stderr }));
    }),
  };
}

export const INITIALIZE = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "raw", version: "1" } },
});

export function callLine(id: number, name: string, args: unknown): string {
  return JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: args } });
}
