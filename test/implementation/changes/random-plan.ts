import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import type { Json } from "#events/json.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";

// Random plans of changes whose actions are random too, each of them possible where it stands. Every change has a folder of its own, and goes
// on in one of a change before it only where it needs that: as `plan-changes` orders those that overlap.
//
// G1. Actions are drawn on a model, which is done to as the tools are to do to a worktree; what the tools make of them is not asked.

export interface RandomChange {
  readonly id: string;
  /** Changes that are merged before it is made. */
  readonly needs: readonly string[];
  readonly actions: readonly Json[];
}

const MAX_CHANGES = 5;
const MAX_ACTIONS = 5;
const NAMES = ["a", "b.txt", "with space", "ünï", "quote'\"", "[x]*", "d/in", "d/deep/in", "e/in"];
const WORDS = ["red", "green", "blue", "grey", "white", "black"];
const MODES = [0o644, 0o755, 0o600, 0o664, 0o711];

/** Some files below each folder, with modes of all kinds. */
export function randomRepository(random: SeededRandom, top: string): void {
  for (const folder of foldersOf(MAX_CHANGES)) {
    const count = random.int(0, 5);
    for (let number = 0; number < count; number++) {
      const name = freeName(random, { top, folder });
      if (name === undefined) continue;
      writeFileSync(madeRoom(top, name), content(random));
      chmodSync(path.join(top, name), random.pick(MODES));
    }
  }
  writeFileSync(path.join(top, "kept"), "by nobody");
}

/** One to five changes; `top` has the files that they begin with, and those that they end with afterwards. */
export function randomPlan(random: SeededRandom, top: string): readonly RandomChange[] {
  const count = random.int(1, MAX_CHANGES);
  const above = new Map<string, ReadonlySet<string>>();
  const lastIn = new Map<string, string>();
  const changes: RandomChange[] = [];
  for (const folder of foldersOf(count)) {
    const id = `x${changes.length}`;
    const needs = changes.filter(() => random.chance(0.4)).map((change) => change.id);
    const before = new Set([...needs, ...needs.flatMap((need) => [...(above.get(need) ?? [])])]);
    above.set(id, before);
    const open = [
      folder,
      ...[...lastIn].flatMap(([one, last]) => (before.has(last) && random.chance(0.7) ? [one] : [])),
    ];
    changes.push({ id, needs, actions: randomActions(random, { top, folders: open }) });
    for (const one of open) lastIn.set(one, id);
    removeEmptyIn(top);
  }
  return changes;
}

function foldersOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, number) => `t${number}`);
}

interface Drawing {
  readonly top: string;
  readonly folders: readonly string[];
}

function randomActions(random: SeededRandom, drawing: Drawing): readonly Json[] {
  const count = random.int(1, MAX_ACTIONS);
  const actions: Json[] = [];
  for (let number = 0; number < count; number++) {
    const drawn = random.pick(KINDS)(random, { top: drawing.top, folder: random.pick(drawing.folders) });
    if (drawn !== undefined) actions.push(drawn);
  }
  return actions.length > 0 ? actions : [{ do: "run", run: ["true"] }];
}

interface Within {
  readonly top: string;
  readonly folder: string;
}

type Kind = (random: SeededRandom, within: Within) => Json | undefined;

const write: Kind = (random, within) => {
  const name = random.chance(0.3) ? anyFile(random, within) : freeName(random, within);
  if (name === undefined) return undefined;
  const bytes = content(random);
  const executable = random.chance(0.4) ? undefined : random.chance(0.5);
  const isNew = !existsSync(path.join(within.top, name));
  writeFileSync(madeRoom(within.top, name), bytes);
  if (executable !== undefined || isNew) chmodSync(path.join(within.top, name), executable === true ? 0o755 : 0o644);
  const text = { text: bytes.toString("base64"), encoding: "base64" };
  return { do: "write", path: name, ...text, ...(executable === undefined ? {} : { executable }) };
};

const edit: Kind = (random, within) => {
  const name = anyText(random, within);
  if (name === undefined) return undefined;
  const place = path.join(within.top, name);
  const lines = readFileSync(place, "utf8").split("\n");
  const find = lines.find((line) => line !== "" && lines.filter((one) => one.includes(line)).length === 1);
  if (find === undefined) return undefined;
  const replace = `${random.pick(WORDS)} ${random.int(0, 999)}`;
  writeFileSync(place, lines.map((line) => (line === find ? replace : line)).join("\n"));
  return { do: "edit", path: name, find, replace };
};

/** All of a file is other lines. */
const patch: Kind = (random, within) => {
  const name = anyText(random, within);
  if (name === undefined || !/^[\w./]+$/u.test(name)) return undefined;
  const place = path.join(within.top, name);
  const before = readFileSync(place, "utf8").split("\n").slice(0, -1);
  const after = lines(random);
  if (before.length === 0 || before.join("\n") === after.join("\n")) return undefined;
  writeFileSync(place, `${after.join("\n")}\n`);
  const hunk = [
    `@@ -1,${before.length} +1,${after.length} @@`,
    ...before.map((one) => `-${one}`),
    ...after.map((one) => `+${one}`),
  ];
  return { do: "patch", patch: `--- a/${name}\n+++ b/${name}\n${hunk.join("\n")}\n` };
};

const move: Kind = (random, within) => {
  const from = anyEntry(random, within);
  const to = freeName(random, within);
  if (from === undefined || to === undefined || `${to}/`.startsWith(`${from}/`)) return undefined;
  renameSync(path.join(within.top, from), madeRoom(within.top, to));
  return { do: "move", from, to };
};

const remove: Kind = (random, within) => {
  const name = anyEntry(random, within);
  if (name === undefined) return undefined;
  rmSync(path.join(within.top, name), { recursive: true });
  return { do: "delete", path: name };
};

const append: Kind = (random, within) => {
  const name = anyText(random, within);
  return name === undefined ? undefined : run(within, ["sh", "-c", 'echo more >> "$1"', "sh", name]);
};

const changeMode: Kind = (random, within) => {
  const name = anyFile(random, within);
  return name === undefined ? undefined : run(within, ["chmod", random.pick(["+x", "-x"]), "--", name]);
};

/** To a name beside it, which may be there or not. */
const link: Kind = (random, within) => {
  const name = freeName(random, within);
  if (name === undefined) return undefined;
  const place = path.posix.dirname(name);
  return run(within, [
    "sh",
    "-c",
    'mkdir -p -- "$1" && ln -s -- "$2" "$3"',
    "sh",
    place,
    random.pick(["a", "b.txt"]),
    name,
  ]);
};

const commit: Kind = (random) => ({ do: "commit", message: `so far ${random.int(0, 9)}` });

const KINDS: readonly Kind[] = [
  write,
  write,
  edit,
  edit,
  patch,
  patch,
  move,
  move,
  remove,
  append,
  changeMode,
  link,
  commit,
];

function run({ top }: Within, [program = "", ...args]: readonly string[]): Json {
  execFileSync(program, args, { cwd: top });
  return { do: "run", run: [program, ...args] };
}

function content(random: SeededRandom): Buffer {
  if (random.chance(0.6)) return Buffer.from(`${lines(random).join("\n")}\n`);
  return Buffer.from(Array.from({ length: random.int(0, 30) }, () => random.int(0, 255)));
}

function lines(random: SeededRandom): readonly string[] {
  return Array.from({ length: random.int(1, 6) }, () => `${random.pick(WORDS)} ${random.int(0, 999)}`);
}

/** Nothing is there, and nothing but folders above it. */
function freeName(random: SeededRandom, { top, folder }: Within): string | undefined {
  const name = path.posix.join(folder, random.pick(NAMES));
  if (isThere(path.join(top, name))) return undefined;
  for (let above = path.posix.dirname(name); above !== "."; above = path.posix.dirname(above)) {
    const entry = lstatSync(path.join(top, above), { throwIfNoEntry: false });
    if (entry !== undefined && !entry.isDirectory()) return undefined;
  }
  return name;
}

function madeRoom(top: string, name: string): string {
  const place = path.join(top, name);
  mkdirSync(path.dirname(place), { recursive: true });
  return place;
}

function anyEntry(random: SeededRandom, within: Within): string | undefined {
  const names = entriesOf(within);
  return names.length === 0 ? undefined : random.pick(names);
}

function anyFile(random: SeededRandom, within: Within): string | undefined {
  const files = entriesOf(within).filter((name) => lstatSync(path.join(within.top, name)).isFile());
  return files.length === 0 ? undefined : random.pick(files);
}

/** Of whole lines in ASCII. */
function anyText(random: SeededRandom, within: Within): string | undefined {
  const texts = entriesOf(within).filter((name) => {
    const place = path.join(within.top, name);
    return lstatSync(place).isFile() && /^(?:[ -~]+\n)+$/u.test(readFileSync(place, "latin1"));
  });
  return texts.length === 0 ? undefined : random.pick(texts);
}

function entriesOf({ top, folder }: Within): readonly string[] {
  const place = path.join(top, folder);
  if (!isThere(place)) return [];
  const names = readdirSync(place, { recursive: true, encoding: "utf8" });
  return names.map((name) => path.posix.join(folder, name)).sort();
}

function isThere(place: string): boolean {
  return lstatSync(place, { throwIfNoEntry: false }) !== undefined;
}

/** Git keeps none. */
function removeEmptyIn(place: string): void {
  for (const entry of readdirSync(place, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const inner = path.join(place, entry.name);
    removeEmptyIn(inner);
    if (readdirSync(inner).length === 0) rmdirSync(inner);
  }
}
