import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { Fault } from "#events/fault.ts";
import type { Door } from "#src/http/door.ts";
import type { LocalDoor } from "#src/http/open-doors.ts";
import { serve, type Serving } from "#src/http/server.ts";

// The local socket: the same protocol as over TCP, on a Unix domain socket that only the user of the process reaches.
//
// U1. Whoever listens holds the store's lock, so a socket file that is there already is what a killed process left,
//     and is replaced.
// U2. The folder of the socket has mode 0700 and belongs to this user: it is what keeps others out, the file's own mode
//     comes on top. One that others could reach is not used.
// U3. Too long a path for an address gives way to one in the user's runtime folder; the holder's file names it.
// U4. When the door closes its file goes first: who comes then was surely not heard, who came before is answered.

/** Bytes of a path in `sockaddr_un`, without the final zero: 108 on Linux, 104 on macOS and the BSDs. */
const MAX_PATH_BYTES = process.platform === "linux" ? 107 : 103;

const FOLDER = "door";
const FILE = "socket";
const NAME_HEX = 16;

/** Faults: `socket-unavailable`. The caller holds the lock of the store in the directory. */
export async function openLocalDoor(door: Omit<Door, "closing">, directory: string): Promise<LocalDoor> {
  const socket = socketPath(directory);
  makePrivate(path.dirname(socket));
  rmSync(socket, { force: true });
  const serving = await opened(door, socket);
  chmodSync(socket, 0o600);
  return {
    socket,
    [Symbol.asyncDispose]: async () => {
      rmSync(socket, { force: true });
      await serving[Symbol.asyncDispose]();
    },
  };
}

/** Where the socket of a store in this directory belongs. */
function socketPath(directory: string): string {
  const near = path.join(directory, FOLDER, FILE);
  if (Buffer.byteLength(near) <= MAX_PATH_BYTES) return near;
  const name = createHash("sha256").update(directory).digest("hex").slice(0, NAME_HEX);
  return path.join(runtimeFolder(), name);
}

function runtimeFolder(): string {
  const candidates = [process.env["XDG_RUNTIME_DIR"], tmpdir()];
  const short = candidates.find((folder) => folder !== undefined && Buffer.byteLength(folder) < MAX_PATH_BYTES / 2);
  return path.join(short ?? "/tmp", `planwright-${process.getuid?.() ?? "user"}`);
}

async function opened(door: Omit<Door, "closing">, socket: string): Promise<Serving> {
  try {
    return await serve(door, { path: socket });
  } catch (cause) {
    throw unavailable(socket, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function makePrivate(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const found = lstatSync(folder);
    const isOwn = found.isDirectory() && found.uid === (process.getuid?.() ?? found.uid);
    if (!isOwn) throw new Error("it is not a folder of this user");
    if ((found.mode & 0o077) !== 0) chmodSync(folder, 0o700);
  } catch (cause) {
    throw unavailable(folder, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function unavailable(where: string, why: string, cause: unknown): Fault {
  return new Fault("socket-unavailable", `there can be no local socket at ${where}: ${why}`, { cause });
}
