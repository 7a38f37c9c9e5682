import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { projectPath } from "./project.ts";

// The health check of the containers, as they start it.

function answers(...addresses: string[]): Promise<{ readonly code: number; readonly said: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number; said: string }>();
  const child = execFile(process.execPath, [projectPath(".config/container/answers.cjs"), ...addresses]);
  const said: string[] = [];
  child.stderr?.on("data", (text: string) => said.push(text));
  child.on("close", (code) => resolve({ code: code ?? -1, said: said.join("") }));
  return promise;
}

async function listening(status: number) {
  const server = createServer((_request, response) => response.writeHead(status).end());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.dispose]: () => void server.close() };
}

describe("the health check", () => {
  it("is content with an answer, also with a refusal, and with a connection", async () => {
    using serving = await listening(200);
    using refusing = await listening(401);
    const { code } = await answers(
      `http://127.0.0.1:${serving.port}/v1/status`,
      `http://127.0.0.1:${refusing.port}/v1/status`,
      `tcp://127.0.0.1:${serving.port}`,
    );
    expect(code).toBe(0);
  });

  it("names who fails or does not answer", async () => {
    using failing = await listening(500);
    const gone = await listening(200);
    gone[Symbol.dispose]();
    const { code, said } = await answers(`http://127.0.0.1:${failing.port}/`, `tcp://127.0.0.1:${gone.port}`);
    expect(code).toBe(1);
    expect(said).toContain("status 500");
    expect(said).toContain("ECONNREFUSED");
    expect(await answers()).toMatchObject({ code: 1, said: expect.stringContaining("usage") });
  });
});
