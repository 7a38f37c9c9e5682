import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstOf } from "#src/ports/view-order.ts";
import type { ViewDocument, ViewListOptions } from "#src/ports/view-store.ts";
import { NewestDocuments } from "#src/projecting/newest-documents.ts";

type Range = Pick<ViewListOptions, "after" | "limit">;
type Move =
  | { readonly kind: "put"; readonly key: string; readonly rank: number; readonly n: number }
  | { readonly kind: "remove"; readonly key: string }
  | { readonly kind: "list"; readonly limit: number; readonly pages: number };

const keys = fc.constantFrom("a", "b", "c", "d", "e", "é", "𐀀", "ﬀ");
const moves: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ kind: fc.constant("put" as const), key: keys, rank: fc.nat({ max: 4 }), n: fc.nat() }),
  fc.record({ kind: fc.constant("remove" as const), key: keys }),
  fc.record({
    kind: fc.constant("list" as const),
    limit: fc.integer({ min: 1, max: 4 }),
    pages: fc.integer({ min: 1, max: 4 }),
  }),
);

/** A view of which the newest documents are kept, beside all of it. */
class Kept {
  readonly all = new Map<string, ViewDocument>();
  readonly newest = new NewestDocuments();
  known = 0;

  put(document: ViewDocument): void {
    this.all.set(document.key, document);
    this.newest.put({ ...document });
  }

  remove(key: string): void {
    this.all.delete(key);
    this.newest.remove(key);
  }

  /** What the newest give, else what all of it gives, which extends them. */
  page(range: Range): readonly ViewDocument[] {
    const known = this.newest.list(range);
    if (known !== undefined) this.known++;
    const found = known ?? this.really(range);
    if (known === undefined) this.newest.extend(found, range);
    return found;
  }

  really(range: Range): readonly ViewDocument[] {
    return firstOf([...this.all.values()], { ...range, direction: "backwards" });
  }
}

describe("the newest documents of a view", () => {
  it("are those of the whole view, whatever is put, removed and listed", () => {
    let known = 0;
    fc.assert(
      fc.property(fc.array(moves, { maxLength: 40 }), (script) => {
        const kept = new Kept();
        for (const move of script) {
          if (move.kind === "put") kept.put({ key: move.key, tag: "t", rank: move.rank, document: { n: move.n } });
          else if (move.kind === "remove") kept.remove(move.key);
          else {
            let after: Range["after"];
            for (let page = 0; page < move.pages; page++) {
              const range = { limit: move.limit, ...(after === undefined ? {} : { after }) };
              const found = kept.page(range);
              expect(found).toEqual(kept.really(range));
              after = found.at(-1) ?? after;
            }
          }
        }
        known += kept.known;
      }),
      { numRuns: 500 },
    );
    expect(known).toBeGreaterThan(500);
  });

  it("are given out so that nobody can change them", () => {
    const kept = new Kept();
    kept.put({ key: "a", tag: "t", rank: 1, document: { n: 1 } });
    kept.page({ limit: 2 });
    expect(() => Object.assign(kept.page({ limit: 2 })[0]!.document!, { n: 2 })).toThrow(TypeError);
  });

  it("are at most so many: what is beyond is read each time", () => {
    const kept = new Kept();
    for (let n = 0; n < 10_050; n++) kept.put({ key: `k${n}`, tag: "t", rank: n, document: n });
    const sorted = kept.really({ limit: 10_000 });
    kept.newest.extend(sorted, { limit: 10_000 });
    expect(kept.newest.list({ limit: 10_000 })).toHaveLength(10_000);
    kept.newest.put({ key: "new", tag: "t", rank: 20_000, document: 0 });
    expect(kept.newest.list({ limit: 10_001 })).toBeUndefined();
    expect(kept.newest.list({ limit: 10_000 })?.[0]?.key).toBe("new");
  });
});
