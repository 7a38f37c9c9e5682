import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { runTool } from "#src/tools/run.ts";
import { contextOf, outputOf, temporaryDirectory } from "../../tools/context.ts";
import { opened, programOf } from "../opened.ts";

// The servers that others publish, as they come from npm.

const { execPath: command } = process;

describe("the file system's server", () => {
  it("reads and writes inside its folder and nowhere else", async () => {
    const folder = await temporaryDirectory();
    await writeFile(path.join(folder, "a.txt"), "one");
    const files = { command, args: [programOf("server-filesystem"), folder], trust: true };
    const { tool, problems } = await opened({ mcp: { servers: { files } } });
    expect(problems).toEqual([]);
    const read = tool("files.read_text_file");
    expect(read).toMatchObject({ sideEffects: "read", idempotent: true, source: "mcp files" });
    expect(await outputOf(read, { path: path.join(folder, "a.txt") })).toEqual({ content: "one" });
    await outputOf(tool("files.write_file"), { path: path.join(folder, "b.txt"), content: "two" });
    expect(await outputOf(read, { path: path.join(folder, "b.txt") })).toEqual({ content: "two" });
    await expect(outputOf(read, { path: "/etc/hostname" })).rejects.toThrow(/mcp-tool-error.*denied/i);
    await expect(outputOf(read, {})).rejects.toThrow(/invalid-arguments.*'path'/);
  });
});

describe("the memory's server", () => {
  it("keeps what it is told from call to call", async () => {
    const file = path.join(await temporaryDirectory(), "memory.jsonl");
    const memory = { command, args: [programOf("server-memory")], env: { MEMORY_FILE_PATH: file } };
    const { tool } = await opened({ mcp: { servers: { memory } } });
    const entities = [{ name: "Ada", entityType: "person", observations: ["counts"] }];
    await outputOf(tool("memory.create_entities"), { entities });
    expect(await outputOf(tool("memory.search_nodes"), { query: "Ada" })).toMatchObject({ entities });
  });
});

describe.each(["stdio", "streamableHttp"] as const)("the server of everything over %s", (transport) => {
  const everything = async () => {
    const args = [programOf("server-everything"), transport];
    const server = transport === "stdio" ? { command, args } : { url: await served(args) };
    return opened({ mcp: { servers: { everything: server } } });
  };

  it("gives text, structures, pictures and resources", async () => {
    const { tool, problems } = await everything();
    expect(problems.filter((problem) => !problem.includes("runs as a task only"))).toEqual([]);
    expect(await outputOf(tool("everything.echo"), { message: "hi" })).toMatchObject({ text: "Echo: hi" });
    expect(await outputOf(tool("everything.get-sum"), { a: 2, b: 3 })).toMatchObject({
      text: expect.stringContaining("5"),
    });
    expect(await outputOf(tool("everything.get-structured-content"), { location: "Chicago" })).toMatchObject({
      temperature: expect.any(Number),
    });
    expect(await outputOf(tool("everything.get-tiny-image"), {})).toMatchObject({
      content: expect.arrayContaining([expect.objectContaining({ type: "image", mimeType: "image/png" })]),
    });
    const reference = { resourceType: "Text", resourceId: 1 };
    expect(await outputOf(tool("everything.get-resource-reference"), reference)).toMatchObject({
      content: expect.arrayContaining([expect.objectContaining({ type: "resource", uri: expect.any(String) })]),
    });
  });

  it("tells its progress, and is cancelled", async () => {
    const { tool } = await everything();
    const long = tool("everything.trigger-long-running-operation");
    const said: { percent?: number }[] = [];
    await outputOf(long, { duration: 0.4, steps: 4 }, { said });
    // What is said with the last step may come with the answer, when nobody listens for progress any more.
    expect(said.map(({ percent }) => percent).slice(0, 3)).toEqual([25, 50, 75]);
    const controller = new AbortController();
    const running = runTool(long, { duration: 600, steps: 600 }, contextOf({ said, signal: controller.signal }));
    await vi.waitUntil(() => said.length > 4, { timeout: 10_000 });
    controller.abort(new DOMException("the plan was cancelled", "AbortError"));
    expect(await running).toMatchObject({ ok: false, error: { category: "cancelled" } });
  });
});

/** Starts the server on a free port, and ends it with the test. */
async function served(args: readonly string[]): Promise<string> {
  const port = await freePort();
  const child = spawn(command, args, {
    env: { ...process.env, PORT: String(port) },
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await vi.waitUntil(() => said.includes("listening"), { timeout: 20_000 });
  return `http://127.0.0.1:${port}/mcp`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
