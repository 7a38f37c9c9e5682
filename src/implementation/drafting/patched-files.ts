// Which files a unified diff names: the heads of its parts, as git and diff write them. Whether it can be applied is found out by git.
//
// P1. A line inside a hunk is never a head: hunks are counted out by their own numbers.
// P2. Names in quotes are read as git writes them: C escapes, bytes in octal.

interface PatchedFile {
  /** Undefined for one that is new. */
  readonly before: string | undefined;
  /** Undefined for one that is taken away. */
  readonly after: string | undefined;
}

const HUNK = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/;

export function patchedFiles(patch: string): readonly PatchedFile[] {
  const heads = new Heads();
  const left = { removed: 0, added: 0 };
  for (const line of patch.split("\n")) {
    if (left.removed > 0 || left.added > 0) countOut(line, left);
    else {
      const hunk = HUNK.exec(line);
      if (hunk === null) heads.read(line);
      else [left.removed, left.added] = [Number(hunk[1] ?? 1), Number(hunk[2] ?? 1)];
    }
  }
  return heads.files;
}

/** P1. */
function countOut(line: string, left: { removed: number; added: number }): void {
  if (line.startsWith("\\")) return;
  if (!line.startsWith("+")) left.removed -= 1;
  if (!line.startsWith("-")) left.added -= 1;
}

class Heads {
  readonly files: PatchedFile[] = [];
  #before: string | undefined;
  #renamedFrom: string | undefined;

  read(line: string): void {
    if (line.startsWith("--- ")) this.#before = nameIn(line.slice(4));
    else if (line.startsWith("+++ ")) this.files.push({ before: this.#before, after: nameIn(line.slice(4)) });
    else if (line.startsWith("rename from ")) this.#renamedFrom = unquoted(line.slice(12));
    else if (line.startsWith("rename to ")) {
      this.files.push({ before: this.#renamedFrom, after: unquoted(line.slice(10)) });
    } else this.files.push(...filesOfHead(line));
  }
}

const GIT_HEAD = /^diff --git "?a\/(.+?)"? "?b\/(.+?)"?$/;

/** A part without hunks (another mode, an empty file, a binary one) has nothing but this line. */
function filesOfHead(line: string): readonly PatchedFile[] {
  const [, before, after] = GIT_HEAD.exec(line) ?? [];
  if (before === undefined || after === undefined || before !== after) return [];
  const name = unquoted(line.includes('"') ? `"${after}"` : after);
  return [{ before: name, after: name }];
}

/** `a/src/x.ts`, with what `diff` writes behind a tab. */
function nameIn(text: string): string | undefined {
  const [name = ""] = text.startsWith('"') ? [text] : text.split("\t");
  const plain = unquoted(name.trimEnd());
  return plain === "/dev/null" ? undefined : plain.replace(/^[ab]\//, "");
}

const ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
};

function unquoted(name: string): string {
  if (!name.startsWith('"') || !name.endsWith('"') || name.length < 2) return name;
  const bytes: number[] = [];
  const inner = Buffer.from(name.slice(1, -1));
  for (let at = 0; at < inner.length;) {
    const byte = inner[at] ?? 0;
    if (byte === BACKSLASH) at += escapeAt(inner, at, bytes);
    else {
      bytes.push(byte);
      at += 1;
    }
  }
  return Buffer.from(bytes).toString();
}

/** How long it is. */
function escapeAt(inner: Buffer, at: number, bytes: number[]): number {
  const [octal] = /^[0-3][0-7]{2}/.exec(inner.toString("latin1", at + 1, at + 4)) ?? [];
  if (octal !== undefined) {
    bytes.push(Number.parseInt(octal, 8));
    return 1 + octal.length;
  }
  const byte = inner[at + 1] ?? BACKSLASH;
  bytes.push(ESCAPES[String.fromCharCode(byte)] ?? byte);
  return 2;
}

const BACKSLASH = 0x5c;
