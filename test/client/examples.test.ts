import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openPlanwright, serveHttp } from "#src/compose.ts";
import { coordinator } from "../nats/coordinator.ts";
import { hasNats, NatsServer } from "../nats/server.ts";
import { requireServer } from "../require.ts";
import { temporaryFolder } from "../store/folder.ts";

// The examples of docs/client.md as programs of their own, against real doors. `planwright/client` is the sources here.

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const RESOLVE = fileURLToPath(new URL("./sources-as-package.ts", import.meta.url));

function run(
  file: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly said: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number; said: string }>();
  const child = spawn(process.execPath, ["--import", RESOLVE, path.join(ROOT, "examples", "client", file)], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.on("close", (code) => resolve({ code: code ?? -1, said }));
  return promise;
}

describe("the example over HTTP", () => {
  it("submits, follows, approves, and prints the response", async () => {
    await using folder = await temporaryFolder();
    await using planwright = await openPlanwright({ store: path.join(folder.path, "store"), socket: false });
    await using door = await serveHttp(planwright);
    const { code, said } = await run("over-http.ts", { PLANWRIGHT_URL: door.url });
    expect({ code, said }).toEqual({ code: 0, said: expect.stringMatching(/Hello Ada, said http:loopback\.\n$/) });
  });
});

requireServer("nats", hasNats)("the example over NATS", () => {
  it("leaves its request while nobody is up, and goes on when a coordinator comes", async () => {
    await using server = await NatsServer.start();
    const running = run("over-nats.ts", { PLANWRIGHT_NATS: server.url });
    await using there = await coordinator(server);
    const { code, said } = await running;
    expect((await there.planwright.client.list({})).plans).toHaveLength(1);
    expect({ code, said }).toEqual({ code: 0, said: expect.stringMatching(/Hello Ada, said nats:agent\.\n$/) });
  });
});
