import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, realpathSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { freePort } from "../free-port.ts";
import type { ServerKind } from "../peer.ts";
import { findProgram, Server } from "./program.ts";

// A PostgreSQL cluster of our own in a scratch folder, on a free port of the loopback interface, with the settings that
// `initdb` gives: fsync, synchronous_commit and full_page_writes are on.
//
// P1. PostgreSQL refuses to run as root: then it runs as the user that Debian's package makes for it.

const DEBIAN = "/usr/lib/postgresql";
const USER = "postgres";

export const postgres: ServerKind = {
  name: "postgres",
  install: "apt-get install --yes postgresql",
  isPackaged: false,
  leftOut: ["pg_wal"],
  find: () => findProgram("postgres", debianFolders()),
  version: (program) => `PostgreSQL ${/(\d[\d.]*)/.exec(run(program, ["--version"]))?.[1] ?? "?"}`,
  start: async (program, folder) => {
    // What it brings along lies beside the program itself, not beside a link to it.
    const beside = (name: string): string => path.join(path.dirname(realpathSync(program)), name);
    const data = path.join(folder, "data");
    const isNew = !existsSync(data);
    if (isNew) {
      mkdirSync(folder, { recursive: true });
      giveTo(folder);
      run(beside("initdb"), ["--pgdata", data, "--username", USER, "--auth", "trust", "--encoding", "UTF8"]);
    }
    const port = await freePort();
    const args = ["-D", data, "-p", String(port), "-h", "127.0.0.1", "-k", ""];
    const log = path.join(folder, "..", "server.log");
    const server = await Server.launch({ program, args, log, options: { cwd: "/", ...owner() } });
    const here = ["--host", "127.0.0.1", "--port", String(port)];
    await server.until(() => Promise.resolve(succeeds(beside("pg_isready"), here)));
    return {
      pid: server.pid,
      address: `postgresql://${USER}@127.0.0.1:${port}/peers`,
      // SIGINT is its fast shutdown: it writes a checkpoint and ends.
      [Symbol.asyncDispose]: () => server.stop("SIGINT"),
    };
  },
};

/** Debian keeps the server's programs beside PATH, a folder a version; the newest first. */
function debianFolders(): string[] {
  if (!existsSync(DEBIAN)) return [];
  const versions = readdirSync(DEBIAN).sort((left, right) => Number(right) - Number(left));
  return versions.map((version) => path.join(DEBIAN, version, "bin"));
}

function run(program: string, args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8", cwd: "/", stdio: ["ignore", "pipe", "pipe"], ...owner() });
}

function succeeds(program: string, args: readonly string[]): boolean {
  try {
    run(program, args);
    return true;
  } catch {
    return false;
  }
}

/** P1 */
function owner(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => Number(execFileSync("id", [flag, USER], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

function giveTo(folder: string): void {
  const { uid, gid } = owner();
  if (uid === undefined || gid === undefined) return;
  chownSync(folder, uid, gid);
  chmodSync(folder, 0o700);
}
