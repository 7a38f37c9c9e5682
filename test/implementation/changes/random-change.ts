import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import type { SeededRandom } from "#src/testing/seeded-random.ts";

// Random files and random changes of them: odd names, all bytes, modes, links, files that become directories.
// One seed gives one sequence of them.

const NAMES = ["a", "b.txt", "with space", "line\nend", "-dash", "ünï", "quote'\"", "[x]*", "d", "e"];
const FOLDERS = ["", "f", "f/g", "h", "h/with space"];
const MODES = [0o644, 0o755, 0o600, 0o664];

export function randomFiles(random: SeededRandom, root: string): void {
  const count = 3 + random.int(0, 9);
  for (let number = 0; number < count; number++) randomWrite(random, root);
}

/** One to six of what a change may do. */
export function randomChange(random: SeededRandom, root: string): void {
  const count = 1 + random.int(0, 5);
  for (let number = 0; number < count; number++) DOINGS[random.int(0, DOINGS.length - 1)]?.(random, root);
}

const DOINGS = [randomWrite, randomWrite, randomDelete, randomMove, randomMode, randomLink, randomTurn];

function randomPath(random: SeededRandom): string {
  return path.join(pick(random, FOLDERS), pick(random, NAMES));
}

/** Makes room at a path, whatever is there or above. */
function roomAt(root: string, name: string): string {
  const place = path.join(root, name);
  for (let above = path.dirname(place); above.length > root.length; above = path.dirname(above)) {
    if (existsSync(above) && !lstatSync(above).isDirectory()) rmSync(above);
  }
  rmSync(place, { recursive: true, force: true });
  mkdirSync(path.dirname(place), { recursive: true });
  return place;
}

function randomWrite(random: SeededRandom, root: string): void {
  const place = roomAt(root, randomPath(random));
  const bytes = Buffer.from(Array.from({ length: random.int(0, 39) }, () => random.int(0, 255)));
  writeFileSync(place, bytes);
  chmodSync(place, pick(random, MODES));
}

function randomDelete(random: SeededRandom, root: string): void {
  const file = anyFile(random, root);
  if (file !== undefined) rmSync(path.join(root, file));
}

function randomMove(random: SeededRandom, root: string): void {
  const file = anyFile(random, root);
  const to = randomPath(random);
  if (file === undefined || file === to || to.startsWith(`${file}/`) || file.startsWith(`${to}/`)) return;
  const place = roomAt(root, to);
  if (existsSync(path.join(root, file))) renameSync(path.join(root, file), place);
}

function randomMode(random: SeededRandom, root: string): void {
  const file = anyFile(random, root);
  if (file === undefined || lstatSync(path.join(root, file)).isSymbolicLink()) return;
  chmodSync(path.join(root, file), pick(random, MODES));
}

function randomLink(random: SeededRandom, root: string): void {
  symlinkSync(pick(random, NAMES), roomAt(root, randomPath(random)));
}

/** A folder becomes a file, or a file a folder. */
function randomTurn(random: SeededRandom, root: string): void {
  const name = pick(random, ["f", "h", "d", "e"]);
  const place = path.join(root, name);
  const isFolder = existsSync(place) && lstatSync(place).isDirectory();
  if (isFolder) writeFileSync(roomAt(root, name), "a file");
  else writeFileSync(roomAt(root, path.join(name, "inner")), "in a folder");
}

function anyFile(random: SeededRandom, root: string): string | undefined {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((name) => name !== ".git" && !name.startsWith(".git/"))
    .sort();
  return files.length === 0 ? undefined : pick(random, files);
}

function pick<T>(random: SeededRandom, items: readonly T[]): T {
  const item = items[random.int(0, items.length - 1)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}
