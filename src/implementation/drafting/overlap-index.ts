import { EVERYTHING, mayOverlap, plainPath, shapeOf, type PathShape } from "./path-overlap.ts";

// Which of many patterns may name a file in common: names without wildcards are looked up, only the others are compared.
//
// I1. No pair that overlaps is left out. Beyond MAX_WILD patterns with wildcards, all further ones count as one that names everything.

/** Each of them is compared with all patterns there are. */
const MAX_WILD = 500;

export class OverlapIndex {
  readonly #numbers = new Map<string, number>();
  readonly #shapes: PathShape[] = [];
  readonly #plain: (string | undefined)[] = [];
  #wild = 0;
  #everything: number | undefined;

  /** The number of a pattern of `fs.glob`, from which its overlaps are found. */
  number(pattern: string): number {
    const known = this.#numbers.get(pattern);
    if (known !== undefined) return known;
    const number = this.#added(shapeOf(pattern));
    this.#numbers.set(pattern, number);
    return number;
  }

  /** By number: the numbers of those that it may overlap with, itself among them. */
  overlaps(): readonly (readonly number[])[] {
    const found = this.#shapes.map((_, number): number[] => [number]);
    const pair = (one: number, other: number): void => {
      found[one]?.push(other);
      found[other]?.push(one);
    };
    const plain = this.#plain;
    pairPlain(plain, pair);
    const wild = plain.flatMap((path, number) => (path === undefined ? [number] : []));
    for (const one of wild) {
      const shape = this.#shapes[one] ?? EVERYTHING;
      this.#shapes.forEach((another, other) => {
        // Of two with wildcards the later one finds the earlier.
        const isLater = plain[other] === undefined && other >= one;
        if (!isLater && mayOverlap(shape, another)) pair(one, other);
      });
    }
    return found;
  }

  #added(shape: PathShape): number {
    const path = plainPath(shape);
    if (path === undefined) {
      this.#wild += 1;
      // I1.
      if (this.#wild > MAX_WILD) return (this.#everything ??= this.#put(EVERYTHING, undefined));
    }
    return this.#put(shape, path);
  }

  #put(shape: PathShape, path: string | undefined): number {
    this.#plain.push(path);
    return this.#shapes.push(shape) - 1;
  }
}

type Pair = (one: number, other: number) => void;

/** The same path, or a folder around it. */
function pairPlain(plain: readonly (string | undefined)[], pair: Pair): void {
  const byPath = Map.groupBy(plain.keys(), (number) => plain[number]);
  byPath.delete(undefined);
  for (const [path, numbers] of byPath) {
    numbers.forEach((one, at) => {
      for (const other of numbers.slice(at + 1)) pair(one, other);
    });
    for (const around of foldersAround(path ?? "")) {
      for (const other of byPath.get(around) ?? []) for (const one of numbers) pair(one, other);
    }
  }
}

function foldersAround(path: string): readonly string[] {
  const folders: string[] = [];
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) folders.push(path.slice(0, end));
  return path === "" ? [] : [...folders, ""];
}
