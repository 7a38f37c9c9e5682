import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { freePort } from "../free-port.ts";
import type { ServerKind } from "../peer.ts";
import { findProgram, Server } from "./program.ts";

// The Restate server from its npm package, one node with its defaults: every record is synced to its log before it counts.
// It reports to nobody, and listens on free ports of the loopback interface.

const NATIVE = `node_modules/@restatedev/restate-server-${process.platform}-${process.arch}/bin`;

export const restate: ServerKind = {
  name: "restate-server",
  install: "npm ci --ignore-scripts --prefix bench/peers/restate",
  isPackaged: true,
  leftOut: [],
  find: (peerFolder) => findProgram("restate-server", [path.join(peerFolder, NATIVE)]),
  version: (program) =>
    `Restate server ${execFileSync(program, ["--version"], { encoding: "utf8" }).trim().split(" ").at(-1) ?? "?"}`,
  start: async (program, folder) => {
    mkdirSync(folder, { recursive: true });
    const [ingress, admin, node] = [await freePort(), await freePort(), await freePort()];
    const env = {
      ...process.env,
      DO_NOT_TRACK: "1",
      RESTATE_DISABLE_TELEMETRY: "true",
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
      RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}/`,
    };
    const args = ["--base-dir", folder, "--node-name", "peer", "--listen-mode", "tcp", "--no-logo"];
    const log = path.join(folder, "..", "server.log");
    const server = await Server.launch({ program, args, log, options: { env, cwd: folder } });
    await server.until(() => answers(`http://127.0.0.1:${admin}/health`));
    await server.until(() => answers(`http://127.0.0.1:${ingress}/restate/health`));
    return {
      pid: server.pid,
      address: `${ingress} ${admin}`,
      [Symbol.asyncDispose]: () => server.stop("SIGTERM"),
    };
  },
};

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
