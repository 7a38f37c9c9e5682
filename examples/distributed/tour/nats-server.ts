import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { spawnSync } from "node:child_process";
import { Program } from "./program.ts";

// A nats-server of the tour's own: on a free loopback port, its store in a folder that goes with the tour. It asks for a token,
// so that nobody else on this machine joins.

interface NatsServer {
  readonly program: Program;
  readonly token: string;
}

const TOKEN_BYTES = 32;

/** Debian puts it where the PATH of many users does not lead. */
const env = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/local/sbin:/usr/sbin` };

/** Such as `2.9.10`; undefined where there is no such program. */
export function natsVersion(command: string): string | undefined {
  const { stdout, status } = spawnSync(command, ["--version"], { env, encoding: "utf8" });
  return status === 0 ? /\d+\.\d+\.\d+/.exec(stdout)?.[0] : undefined;
}

export async function startNats(folder: string, command: string): Promise<NatsServer> {
  await mkdir(folder);
  const token = randomBytes(TOKEN_BYTES).toString("hex");
  const settings = path.join(folder, "nats.conf");
  const store = JSON.stringify(path.join(folder, "store"));
  // Port -1 is a free one, which the server says.
  const text = `listen: "127.0.0.1:-1"\njetstream { store_dir: ${store} }\nauthorization { token: "${token}" }\n`;
  await writeFile(settings, text, { mode: 0o600 });
  return { program: new Program("nats-server", [command, "-c", settings], { env }), token };
}

/** Where it listens, once it is ready. */
export async function natsUrl(program: Program, signal: AbortSignal): Promise<string> {
  let port: string | undefined;
  return program.first((line) => {
    port ??= /Listening for client connections on 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    return line.includes("Server is ready") && port !== undefined ? `nats://127.0.0.1:${port}` : undefined;
  }, signal);
}
