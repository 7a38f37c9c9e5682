import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { freePort } from "../free-port.ts";
import type { ServerKind } from "../peer.ts";
import { findProgram, listens, Server } from "./program.ts";

// Redis as its documentation has it for data that must not be lost: every write is in the append-only file and synced before
// it is answered. No snapshots beside it, and no rewriting of the file in the middle of a measurement.

const CONFIGURATION = {
  bind: "127.0.0.1",
  appendonly: "yes",
  appendfsync: "always",
  "auto-aof-rewrite-percentage": "0",
  save: "",
  "maxmemory-policy": "noeviction",
};

export const redis: ServerKind = {
  name: "redis-server",
  install: "apt-get install --yes redis-server",
  isPackaged: false,
  leftOut: [],
  find: () => findProgram("redis-server"),
  version: (program) => {
    const said = execFileSync(program, ["--version"], { encoding: "utf8" });
    return `Redis ${/v=(\S+)/.exec(said)?.[1] ?? said.trim()}`;
  },
  start: async (program, folder) => {
    mkdirSync(folder, { recursive: true });
    const port = await freePort();
    const settings = { ...CONFIGURATION, port: String(port), dir: folder };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    const server = await Server.launch({ program, args, log: path.join(folder, "..", "server.log") });
    await server.until(() => listens(port));
    return {
      pid: server.pid,
      address: `127.0.0.1:${port}`,
      [Symbol.asyncDispose]: () => server.stop("SIGTERM"),
    };
  },
};
