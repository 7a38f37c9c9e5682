import { constants } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { replaceFile } from "#src/tools/builtin/file-replace.ts";
import { withPath } from "#src/tools/builtin/root.ts";
import { textTail } from "#src/tools/bounded-text.ts";
import { ToolFailure } from "#src/tools/define.ts";
import type { Action } from "./action.ts";
import { partsOf } from "./repository.ts";
import { openEntry, openPlace, refuseIgnored, type Workplace } from "./workplace-paths.ts";

// The actions of a change that are about files.
//
// A1. An edit is about bytes: what it does not replace stays as it is, whatever its encoding.

type Of<Do extends Action["do"]> = Extract<Action, { do: Do }>;

const EXECUTABLE = 0o755;
const PLAIN = 0o644;
const FAILURE_TAIL_BYTES = 1024;
const BASE64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/u;

export async function writeFileAt(workplace: Workplace, action: Of<"write">, signal: AbortSignal): Promise<void> {
  const { path: name, text, encoding, executable } = action;
  if (encoding === "base64" && !BASE64.test(text)) throw failure("validation", "bad-base64", `${name}: is not base64`);
  await using file = await openPlace(workplace, name);
  const mode = executable === undefined ? {} : { mode: executable ? EXECUTABLE : PLAIN };
  await withPath(name, () => replaceFile(file, { bytes: Buffer.from(text, encoding), ...mode }, signal));
}

/** Fails with `edit-not-found`, `edit-ambiguous`. */
export async function editFileAt(workplace: Workplace, action: Of<"edit">, signal: AbortSignal): Promise<void> {
  const { path: name, find, replace, all } = action;
  await using file = await openPlace(workplace, name);
  const bytes = await withPath(name, () => bytesAt(path.join(file.directory.path, file.name)));
  const wanted = Buffer.from(find);
  const places = placesOf(bytes, wanted);
  if (places.length === 0) throw failure("conflict", "edit-not-found", notFound(name, bytes, find));
  if (places.length > 1 && !all) {
    const message = `${name}: what is to be replaced stands there ${places.length} times; say more of it, or \`all\``;
    throw failure("validation", "edit-ambiguous", message);
  }
  const pieces: Buffer[] = [];
  let from = 0;
  for (const at of places) {
    pieces.push(bytes.subarray(from, at), Buffer.from(replace));
    from = at + wanted.length;
  }
  const edited = Buffer.concat([...pieces, bytes.subarray(from)]);
  await withPath(name, () => replaceFile(file, { bytes: edited }, signal));
}

/** Fails with `file-missing`, `file-exists`. */
export async function moveFileTo(workplace: Workplace, { from, to }: Of<"move">): Promise<void> {
  await using source = await openEntry(workplace, from);
  await using target = await openPlace(workplace, to);
  const { disk } = workplace.repository;
  const place = path.join(target.directory.path, target.name);
  if ((await disk.entry(source.path)) === undefined)
    throw failure("not-found", "file-missing", `${from}: is not there`);
  if ((await disk.entry(place)) !== undefined) throw failure("conflict", "file-exists", `${to}: is there already`);
  await withPath(from, () => rename(source.path, place));
}

/** Fails with `file-missing`. */
export async function deleteAt(workplace: Workplace, { path: name }: Of<"delete">): Promise<void> {
  await using entry = await openEntry(workplace, name);
  if ((await workplace.repository.disk.entry(entry.path)) === undefined) {
    throw failure("not-found", "file-missing", `${name}: is not there`);
  }
  await withPath(name, () => rm(entry.path, { recursive: true }));
}

/** Fails with `patch-does-not-apply`. Git itself refuses paths that lead out, or through links. */
export async function applyPatch(workplace: Workplace, { patch }: Of<"patch">): Promise<void> {
  const { repository, worktree } = workplace;
  const applying = async (...how: readonly string[]) => {
    const options = { cwd: worktree.directory, stdin: patch, accepts: [0, 1, 128] };
    const answer = await repository.git(["apply", "--whitespace=nowarn", ...how, "-"], options);
    if (answer.exitCode === 0) return answer;
    const message = `the patch does not apply: ${textTail(answer.stderr.trim(), FAILURE_TAIL_BYTES)}`;
    throw failure("conflict", "patch-does-not-apply", message);
  };
  const counted = partsOf(await applying("--numstat", "-z"));
  await applying("--check");
  await refuseIgnored(
    workplace,
    counted.map((part) => part.split("\t").slice(2).join("\t")).filter((name) => name !== ""),
  );
  await applying();
}

async function bytesAt(place: string): Promise<Buffer> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  await using handle = await open(place, flags);
  if (!(await stat(place)).isFile()) throw failure("validation", "not-a-file", "is not a regular file");
  return await handle.readFile();
}

function placesOf(bytes: Buffer, wanted: Buffer): readonly number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + wanted.length)) places.push(at);
  return places;
}

function notFound(name: string, bytes: Buffer, find: string): string {
  const other = find.includes("\r\n") ? find.replaceAll("\r\n", "\n") : find.replaceAll("\n", "\r\n");
  const hint = other !== find && bytes.includes(other) ? "; it does with other line ends" : "";
  return `${name}: what is to be replaced does not stand there (0 matches)${hint}`;
}

function failure(category: ToolFailure["category"], code: string, message: string): ToolFailure {
  return new ToolFailure(category, message, { code });
}
