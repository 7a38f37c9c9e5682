import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { freePort } from "../free-port.ts";
import type { ServerKind } from "../peer.ts";
import { MOST_IN_FLIGHT } from "../protocol.ts";
import { findProgram, listens, Server } from "./program.ts";

// nats-server, and with it one executor that lends its slots to whoever coordinates: both outlive the coordinator. What NATS stores
// (leases, no facts) is left out of the bytes of a step.

const PLANWRIGHT = fileURLToPath(new URL("../../../src/cli/planwright.cjs", import.meta.url));
const TOOLS = fileURLToPath(new URL("../planwright-nats/step.tools.ts", import.meta.url));
const NATS = "nats";
/** Debian puts it where the PATH of many users does not lead. */
const BESIDE = ["/usr/local/sbin", "/usr/sbin"];

export const natsAndExecutor: ServerKind = {
  name: "nats-server",
  install: "apt-get install --yes nats-server",
  isPackaged: false,
  leftOut: [NATS],
  find: () => findProgram("nats-server", BESIDE),
  version: (program) =>
    `nats-server ${/\d+\.\d+\.\d+/.exec(execFileSync(program, ["--version"], { encoding: "utf8" }))?.[0] ?? ""}`,
  start: async (program, folder) => {
    await using opened = new AsyncDisposableStack();
    const { server, address } = await startNats(program, folder);
    opened.defer(() => server.stop("SIGTERM"));
    const executor = await startExecutor(address, folder);
    opened.defer(() => executor.stop("SIGTERM"));
    const closing = opened.move();
    return { pid: server.pid, beside: [executor.pid], address, [Symbol.asyncDispose]: () => closing.disposeAsync() };
  },
};

async function startNats(
  program: string,
  folder: string,
): Promise<{ readonly server: Server; readonly address: string }> {
  mkdirSync(path.join(folder, NATS), { recursive: true });
  const port = await freePort();
  const settings = path.join(folder, NATS, "nats.conf");
  const store = JSON.stringify(path.join(folder, NATS, "store"));
  writeFileSync(settings, `listen: "127.0.0.1:${port}"\njetstream { store_dir: ${store} }\n`);
  const server = await Server.launch({ program, args: ["-c", settings], log: path.join(folder, "..", "server.log") });
  await server.until(() => listens(port));
  return { server, address: `nats://127.0.0.1:${port}` };
}

async function startExecutor(address: string, folder: string): Promise<Server> {
  writeFileSync(path.join(folder, NATS, "planwright.config.yaml"), JSON.stringify({ nats: { servers: [address] } }));
  const env = { ...process.env, PEER_LEDGER: path.join(folder, "..", "ledger.jsonl") };
  return Server.launch({
    program: process.execPath,
    args: [PLANWRIGHT, "worker", "--slots", `${MOST_IN_FLIGHT}`, "--tools", TOOLS, "--root", folder],
    log: path.join(folder, "..", "executor.log"),
    options: { cwd: path.join(folder, NATS), env },
  });
}
