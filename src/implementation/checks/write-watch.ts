// Whether a program that only looks has changed files: what is there is compared before and after it ran.
//
// W1. Files count that are not ignored, tracked or not, by what the system says of them; what a program keeps in ignored folders is its own.
// W2. Programs run side by side. Where something changed while several ran, each runs once more alone, and is blamed for what it
//     changes then. Where somebody is caught with all that changed, the others are cleared; else all that ran are told of.

import type { CodeFile, FileStats } from "#src/implementation/codebase/listing/entries.ts";
import { filesOf } from "#src/implementation/codebase/listing/files.ts";
import type { ToolContext } from "#src/tools/define.ts";

/** Which files are there, and how. */
type Seen = ReadonlyMap<string, CodeFile>;

export interface Watched<T> {
  readonly result: T;
  /** Names of files that were made, changed or removed meanwhile. */
  readonly changed: readonly string[];
  /** Whether it ran alone, so that it was this one. */
  readonly isSure: boolean;
}

export class WriteWatch {
  readonly #base: string;
  readonly #store: string | undefined;
  readonly #lane = new Lane();
  /** Counts programs that began: whether one began meanwhile. */
  #begun = 0;
  #running = 0;
  /** Of programs that have not had all their runs. */
  readonly #trying = new Set<Promise<undefined>>();
  /** Files that somebody has changed who ran alone. */
  readonly #caught = new Set<string>();

  /** Both absolute; what is in the store's folder is this program's own. */
  constructor(base: string, store: string | undefined) {
    this.#base = base;
    this.#store = store;
  }

  async watched<T>(run: () => Promise<T>, context: ToolContext): Promise<Watched<T>> {
    const tried = Promise.withResolvers<undefined>();
    this.#trying.add(tried.promise);
    let beside: Watched<T>;
    let alone: Watched<T> | undefined;
    try {
      beside = await this.#lane.shared(() => this.#observed(run, context));
      if (beside.changed.length > 0 && !beside.isSure)
        alone = await this.#lane.alone(() => this.#observed(run, context));
      for (const name of (alone ?? beside).changed) this.#caught.add(name);
    } finally {
      tried.resolve(undefined);
      this.#trying.delete(tried.promise);
    }
    if (alone === undefined) return beside;
    if (alone.changed.length > 0) return { ...alone, isSure: true };
    await Promise.all(this.#trying);
    return beside.changed.every((name) => this.#caught.has(name)) ? alone : beside;
  }

  async #observed<T>(run: () => Promise<T>, context: ToolContext): Promise<Watched<T>> {
    const isFirst = this.#running === 0;
    const begun = (this.#begun += 1);
    this.#running += 1;
    try {
      const before = await this.#see(context);
      const result = await run();
      const changed = differences(before, await this.#see(context));
      return { result, changed, isSure: isFirst && this.#begun === begun };
    } finally {
      this.#running -= 1;
    }
  }

  async #see(context: ToolContext): Promise<Seen> {
    const { files } = await filesOf(context, this.#base, this.#store);
    return new Map(files.map((file) => [file.path, file]));
  }
}

function differences(before: Seen, after: Seen): readonly string[] {
  const changed = [...after]
    .filter(([name, file]) => !isSame(before.get(name)?.stats, file.stats))
    .map(([name]) => name);
  return [...changed, ...[...before.keys()].filter((name) => !after.has(name))].sort();
}

function isSame(before: FileStats | undefined, after: FileStats): boolean {
  if (before === undefined) return false;
  const { size, mtimeMs, ctimeMs, ino, mode } = before;
  return (
    size === after.size &&
    mtimeMs === after.mtimeMs &&
    ctimeMs === after.ctimeMs &&
    ino === after.ino &&
    mode === after.mode
  );
}

/** Many at once, or one alone; who waits to be alone goes before those that come later. */
class Lane {
  /** Settles when all that was there before has ended. */
  #shared: Promise<unknown> = Promise.resolve();
  #alone: Promise<unknown> = Promise.resolve();

  async shared<T>(run: () => Promise<T>): Promise<T> {
    for (let seen: Promise<unknown> | undefined; seen !== this.#alone;) {
      seen = this.#alone;
      await seen;
    }
    const running = run();
    this.#shared = Promise.allSettled([this.#shared, running]);
    return running;
  }

  async alone<T>(run: () => Promise<T>): Promise<T> {
    const before = [this.#alone, this.#shared];
    const running = Promise.allSettled(before).then(run);
    this.#alone = running.catch(() => undefined);
    return running;
  }
}
