// What a test file of the killing suite imports as "vitest": the same words, but a test is only collected, and run by
// whoever holds the collection. Assertions are vitest's own, which need no runner.
export { expect } from "vitest";

// Some assertions ask vitest for the file that they stand in, to name it in snapshots; outside of vitest it has no name.
if (!("__vitest_worker__" in globalThis)) Object.assign(globalThis, { __vitest_worker__: { filepath: "" } });

type Body = (...values: readonly unknown[]) => unknown;

export interface CollectedTest {
  /** Unique in its file; the same in every collection. */
  readonly name: string;
  readonly run: () => unknown;
}

/** Where tests go that are declared while a file is imported. */
interface Collection {
  readonly tests: CollectedTest[];
  readonly path: string[];
}

let open: Collection = { tests: [], path: [] };

/** The tests that are declared while `load` runs, in their order. */
export async function collect(load: () => Promise<unknown>): Promise<readonly CollectedTest[]> {
  const mine: Collection = { tests: [], path: [] };
  open = mine;
  await load();
  return mine.tests;
}

interface Declare {
  (name: string, body: Body): void;
  each(rows: readonly unknown[]): (name: string, body: Body) => void;
}

/** A word with `.each`: rows that are lists are spread, as vitest does. */
function declaring(declare: (name: string, body: () => unknown) => void): Declare {
  const each = (rows: readonly unknown[]) => (name: string, body: Body) => {
    for (const [index, row] of rows.entries())
      declare(`${name} [${index}]`, () => (Array.isArray(row) ? body(...(row as unknown[])) : body(row)));
  };
  return Object.assign((name: string, body: Body) => declare(name, () => body()), { each });
}

export const it = declaring((name, run) => {
  const full = [...open.path, name].join(" > ");
  const same = open.tests.filter((test) => test.name === full || test.name.startsWith(`${full} (`)).length;
  open.tests.push({ name: same === 0 ? full : `${full} (${same + 1})`, run });
});

export const describe = declaring((name, body) => {
  open.path.push(name);
  try {
    body();
  } finally {
    open.path.pop();
  }
});
