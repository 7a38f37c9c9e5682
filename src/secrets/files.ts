import { constants, open, readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { Fault } from "#events/fault.ts";
import { isSecretName } from "#src/ports/secrets.ts";
import type { SecretSource } from "#src/secrets/source.ts";

// Secrets as container platforms mount them: a directory with one file a secret, named like it.
//
// F1. A file is read where it really lies, and only when that is inside the directory: a platform may link a name to the
//     current version beside it, nobody may link one to /etc/shadow.
// F2. It is read anew each time, at most MAX_SECRET_BYTES of UTF-8; one line end at the end is not part of the secret.
// F3. A file that others may read is used all the same, because mounts often look like that; `widelyReadable` names them.

export const MAX_SECRET_BYTES = 64 * 1024;

/** Names that are looked at for their permissions. */
const MAX_LOOKED_AT = 10_000;

const BY_OTHERS = 0o077;
const MODE = 0o777;

const decoder = new TextDecoder("utf-8", { fatal: true });

export function fileSecrets(directory: string): SecretSource {
  return {
    placeOf: (name) => `the file ${path.join(directory, name)}`,
    find: async (name) => {
      try {
        const file = await fileOf(directory, name);
        return file === undefined ? undefined : await read(file, name);
      } catch (error) {
        if (error instanceof Fault) throw error;
        if (codeOf(error) === "ENOENT") return undefined;
        throw unreadable(name, codeOf(error), error);
      }
    },
  };
}

export interface WidelyReadable {
  readonly file: string;
  /** Permission bits, e.g. `644`. */
  readonly mode: string;
}

/** Secret files that others than their owner may read or change; none where there is no such directory. */
export async function widelyReadable(directory: string): Promise<readonly WidelyReadable[]> {
  const names = await readdir(directory).catch(() => []);
  const found: WidelyReadable[] = [];
  for (const name of names.filter(isSecretName).slice(0, MAX_LOOKED_AT)) {
    const file = path.join(directory, name);
    const looked = await stat(file).catch(() => undefined);
    if (looked?.isFile() !== true || (looked.mode & BY_OTHERS) === 0) continue;
    found.push({ file, mode: (looked.mode & MODE).toString(8) });
  }
  return found;
}

/** Where the secret's file really lies; undefined where there is none. */
async function fileOf(directory: string, name: string): Promise<string | undefined> {
  if (!isSecretName(name)) return undefined;
  const inside = await realpath(directory);
  const file = await realpath(path.join(inside, name));
  if (!file.startsWith(inside + path.sep)) throw unreadable(name, "it leads out of the directory");
  return file;
}

async function read(file: string, name: string): Promise<string> {
  // Without waiting: what is no file (a pipe, a device) must not hang.
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const looked = await handle.stat();
    if (!looked.isFile()) throw unreadable(name, "it is no file");
    if (looked.size > MAX_SECRET_BYTES) throw tooLarge(name);
    const bytes = await handle.readFile();
    if (bytes.length > MAX_SECRET_BYTES) throw tooLarge(name);
    return textOf(bytes, name).replace(/\r?\n$/, "");
  } finally {
    await handle.close();
  }
}

function textOf(bytes: Uint8Array, name: string): string {
  try {
    return decoder.decode(bytes);
  } catch {
    // The decoder's own error is no cause to pass on: nothing that has seen the bytes leaves here.
    throw unreadable(name, "it is no UTF-8 text");
  }
}

function tooLarge(name: string): Fault<"secret-unreadable"> {
  return unreadable(name, `it has more than ${MAX_SECRET_BYTES} bytes`);
}

function unreadable(name: string, why: string, cause?: unknown): Fault<"secret-unreadable"> {
  return new Fault("secret-unreadable", `the file of the secret ${name} cannot be used: ${why}`, { cause });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
