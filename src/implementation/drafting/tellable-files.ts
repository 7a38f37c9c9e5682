// Files of an assessed directory whose contents a language model may be told.
//
// F1. Only what belongs to the codebase: nothing that is ignored, nothing behind a link, nothing outside.
// F2. Never a file that is there to keep secrets, tracked or not: no form in it needs to be known.

import path from "node:path";
import { filesOf } from "#src/implementation/codebase/listing/files.ts";
import type { GitContext } from "#src/tools/builtin/git-command.ts";
import { openFile } from "#src/tools/builtin/root.ts";
import { ToolFailure } from "#src/tools/define.ts";

const MAX_READ_BYTES = 64 * 1_024;

export class TellableFiles {
  readonly #directory: string;
  readonly #around: GitContext;
  #listed: Promise<ReadonlySet<string>> | undefined;

  /** The directory is one inside the root. */
  constructor(directory: string, around: GitContext) {
    this.#directory = directory;
    this.#around = around;
  }

  /** The beginning of a text; undefined for what may not be told, is not there, or is no text. Listed once, with the first question. */
  async read(name: string): Promise<string | undefined> {
    const plain = path.posix.normalize(name);
    if (keepsSecrets(plain)) return undefined;
    const listed = await (this.#listed ??= this.#list());
    if (!listed.has(plain)) return undefined;
    return textOf(this.#around.roots.fs, path.join(this.#directory, plain));
  }

  async #list(): Promise<ReadonlySet<string>> {
    const { files } = await filesOf(this.#around, this.#directory);
    return new Set(files.flatMap((file) => (file.kind === "file" ? [file.path] : [])));
  }
}

/** By what programs that keep secrets in files call them. */
function keepsSecrets(name: string): boolean {
  const parts = name.toLowerCase().split("/");
  const file = parts.at(-1) ?? "";
  return parts.slice(0, -1).some((folder) => SECRET_FOLDERS.has(folder)) || SECRET_FILES.some((one) => one.test(file));
}

const SECRET_FOLDERS: ReadonlySet<string> = new Set([".ssh", ".aws", ".gnupg", ".kube"]);
const SECRET_FILES: readonly RegExp[] = [
  /^\.env(?:\.(?!example$|sample$|template$|dist$).*)?$/u,
  /\.(?:env|pem|key|p12|pfx|jks|keystore|kdbx)$/u,
  /^id_(?:rsa|dsa|ecdsa|ed25519)$/u,
  /^\.(?:npmrc|yarnrc|pypirc|netrc|pgpass|htpasswd|git-credentials)$/u,
  /^(?:credentials|secrets?)(?:\.(?:json|ya?ml|toml|ini|txt))?$/u,
];

async function textOf(root: string, name: string): Promise<string | undefined> {
  try {
    await using handle = await openFile(root, name);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_READ_BYTES), 0, MAX_READ_BYTES, 0);
    const text = buffer.subarray(0, bytesRead).toString();
    return text.includes("\0") ? undefined : text;
  } catch (error) {
    if (error instanceof ToolFailure) return undefined;
    throw error;
  }
}
