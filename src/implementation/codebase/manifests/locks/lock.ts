// What a lockfile fixed: packages with their versions, and which needs which.

interface LockEntry {
  /** `name@version`; of a package of the workspace itself, its directory. */
  readonly id: string;
  readonly name: string;
  /** Ids. */
  readonly needs: readonly string[];
}

export interface Lock {
  /** `package-lock 3`, `yarn 1`, `pnpm 9.0`, `Cargo 4`. */
  readonly format: string;
  readonly entries: readonly LockEntry[];
  /** Dependencies that the file names and does not have: an optional one of another system, or a damaged file. */
  readonly missing: number;
}

/** One entry as a file has it: what it needs is found by `find`. */
export interface WrittenEntry {
  readonly id: string;
  readonly name: string;
  readonly needs: readonly (string | undefined)[];
}

/** Entries of one id are one; those that nobody has are counted. */
export function lockOf(format: string, written: Iterable<WrittenEntry>): Lock {
  const entries = new Map<string, { readonly name: string; readonly needs: Set<string> }>();
  let missing = 0;
  for (const { id, name, needs } of written) {
    const entry = entries.get(id) ?? { name, needs: new Set<string>() };
    entries.set(id, entry);
    for (const need of needs) {
      if (need === undefined) missing += 1;
      else entry.needs.add(need);
    }
  }
  return { format, entries: [...entries].map(([id, { name, needs }]) => ({ id, name, needs: [...needs] })), missing };
}
