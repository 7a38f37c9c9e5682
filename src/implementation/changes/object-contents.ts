import { ToolFailure } from "#src/tools/define.ts";
import type { Repository } from "./repository.ts";

// Bytes that git keeps, many at once.
//
// C1. Memory is bounded by one batch, or by the one file that is larger.

/** Of one reading; a file that is larger is read alone. */
const MAX_BATCH_BYTES = 32 * 1024 * 1024;

/** Calls back with each of the objects, in batches. Fails with `content-missing` before any where git has not all of them. */
export async function withContents(
  repository: Pick<Repository, "git">,
  oids: Iterable<string>,
  use: (contents: ReadonlyMap<string, Buffer>) => Promise<void>,
): Promise<void> {
  const wanted = [...new Set(oids)];
  if (wanted.length === 0) return;
  for (const batch of batchesOf(await sizesOf(repository, wanted))) await use(await read(repository, batch));
}

/** In bytes, of each that git has. */
async function sizesOf(
  { git }: Pick<Repository, "git">,
  oids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (oids.length === 0) return new Map();
  const { stdout } = await git(["cat-file", "--batch-check=%(objectname) %(objectsize)"], { stdin: linesOf(oids) });
  const sizes = new Map<string, number>();
  for (const line of stdout.toString().trimEnd().split("\n")) {
    const [oid = "", size = ""] = line.split(" ");
    if (!/^\d+$/u.test(size)) throw missing(oid);
    sizes.set(oid, Number(size));
  }
  return sizes;
}

function batchesOf(sizes: ReadonlyMap<string, number>): readonly (readonly string[])[] {
  const batches: string[][] = [[]];
  let bytes = 0;
  for (const [oid, size] of sizes) {
    if (bytes > 0 && bytes + size > MAX_BATCH_BYTES) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(oid);
    bytes += size;
  }
  return batches;
}

/** `<oid> SP blob SP <size> LF <bytes> LF`, one after the other. */
async function read({ git }: Pick<Repository, "git">, oids: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  const { stdout } = await git(["cat-file", "--batch"], { stdin: linesOf(oids) });
  const contents = new Map<string, Buffer>();
  for (let at = 0; at < stdout.length;) {
    const end = stdout.indexOf(0x0a, at);
    const [oid = "", , size = ""] = stdout.toString("latin1", at, end).split(" ");
    if (!/^\d+$/u.test(size)) throw missing(oid);
    contents.set(oid, stdout.subarray(end + 1, end + 1 + Number(size)));
    at = end + 1 + Number(size) + 1;
  }
  return contents;
}

function missing(oid: string): ToolFailure {
  const message = `git no longer has the object ${oid}: restore the repository from a copy that has refs/planwright/`;
  return new ToolFailure("not-found", message, { code: "content-missing" });
}

function linesOf(oids: readonly string[]): string {
  return oids.map((oid) => `${oid}\n`).join("");
}
