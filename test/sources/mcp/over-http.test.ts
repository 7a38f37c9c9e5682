import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import process from "node:process";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { runTool } from "#src/tools/run.ts";
import { contextOf, outputOf } from "../../tools/context.ts";
import { opened } from "../opened.ts";

type Answer = () => unknown;

interface Served {
  readonly url: string;
  readonly heard: IncomingMessage[];
  /** As if the machine were switched off. */
  vanish(): void;
}

/** One session of a server with the tool `ask`, in this process. */
async function served(
  answer: Answer,
  before: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Promise<Served> {
  const heard: IncomingMessage[] = [];
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const server = new Server({ name: "over http", version: "1.0.0" }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: [{ name: "ask", inputSchema: { type: "object" } }],
  }));
  server.setRequestHandler(CallToolRequestSchema, async () => (await answer()) as never);
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => randomUUID() });
  await server.connect(transport);
  const { url, close } = await listening((request, response) => {
    heard.push(request);
    if (!before(request, response)) void transport.handleRequest(request, response);
  });
  onTestFinished(() => server.close());
  return { url: `${url}/mcp`, heard, vanish: close };
}

async function listening(listener: RequestListener): Promise<{ url: string; close: () => void }> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(close);
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`, close };
}

const text = (said: string) => ({ content: [{ type: "text", text: said }] });

describe("an MCP server over HTTP", () => {
  it("is told secrets by reference, and they do not come back", async () => {
    process.env["HTTP_TEST_TOKEN"] = "Bearer t0p-s3cr3t";
    const { url, heard } = await served(() => text(`you are ${heard.at(-1)?.headers.authorization}`));
    const headers = { authorization: { env: "HTTP_TEST_TOKEN" }, "x-kind": "test" };
    const { tool, sources } = await opened({ mcp: { servers: { web: { url, headers } } } });
    expect(await outputOf(tool("web.ask"), {})).toMatchObject({ text: "you are [secret]" });
    expect(heard.every((request) => request.headers.authorization === "Bearer t0p-s3cr3t")).toBe(true);
    await sources[Symbol.asyncDispose]();
    // The session is the server's no longer.
    expect(heard.at(-1)?.method).toBe("DELETE");
  });

  it("is refused with what its status says", async () => {
    const { url } = await listening((_request, response) => void response.writeHead(401).end());
    const { problems, tools } = await opened({ mcp: { servers: { web: { url } } } });
    expect(problems).toEqual([expect.stringMatching(/^mcp web cannot be used: /)]);
    expect(tools.absence("web.ask")?.code).toBe("source-unavailable");
  });

  it("leads nowhere else", async () => {
    const other = await served(() => text("other"));
    const { url } = await listening(
      (_request, response) => void response.writeHead(307, { location: other.url }).end(),
    );
    const { problems } = await opened({ mcp: { servers: { web: { url, headers: { "x-key": "k" } } } } });
    expect(problems).toHaveLength(1);
    expect(other.heard).toEqual([]);
  });

  it("that vanishes over a call leaves open what it did", async () => {
    const called = Promise.withResolvers<undefined>();
    const { url, vanish } = await served(() => {
      called.resolve(undefined);
      return new Promise(() => undefined);
    });
    const { tool } = await opened({ mcp: { servers: { web: { url } } } });
    const running = runTool(tool("web.ask"), {}, contextOf());
    await called.promise;
    vanish();
    expect(await running).toMatchObject({ ok: false, isSilent: true, error: { category: "unavailable" } });
  });

  it("that never ends its answer is cut", async () => {
    const { url } = await served(
      () => text(""),
      (request, response) => {
        if (request.method !== "POST" || request.headers["mcp-session-id"] === undefined) return false;
        response.writeHead(200, { "content-type": "text/event-stream" });
        const chunk = `data: ${"x".repeat(1024 * 1024)}`;
        const write = (): void => void response.write(chunk, (error) => (error ? undefined : write()));
        write();
        return true;
      },
    );
    const { problems } = await opened({ mcp: { servers: { web: { url } } } });
    expect(problems).toEqual([expect.stringMatching(/more than 25165824 bytes/)]);
  });

  it("is found again when it is back", async () => {
    let isBack = false;
    const { url } = await served(
      () => text("here"),
      (_request, response) => {
        if (!isBack) response.writeHead(503).end();
        return !isBack;
      },
    );
    const { tools } = await opened({ mcp: { servers: { web: { url } } } });
    expect(tools.get("web.ask")).toBeUndefined();
    isBack = true;
    await vi.waitUntil(() => tools.get("web.ask") !== undefined, { timeout: 10_000 });
    expect(tools.absence("web.ask")).toBeUndefined();
  });
});
