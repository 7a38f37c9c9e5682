import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ViewListOptions, ViewPlace, ViewStore } from "#src/ports/view-store.ts";

// What every implementation of the view port keeps: V1 and V2 of src/ports/view-store.ts.

export interface ViewStoreHarness extends AsyncDisposable {
  readonly views: ViewStore;
  /** Closes the store and opens its contents again. */
  reopen(): Promise<ViewStore>;
}

const PLANS = { name: "plans", version: 1 };
const NEXT = { name: "plans", version: 2 };
const TAGS = ["live", "ended", "other"];

export function viewStoreContract(open: () => Promise<ViewStoreHarness>): void {
  describe("views", () => {
    let harness: ViewStoreHarness;
    let views: ViewStore;
    beforeEach(async () => {
      harness = await open();
      views = harness.views;
    });
    afterEach(async () => harness[Symbol.asyncDispose]());

    it("are empty at checkpoint -1 before the first save", async () => {
      expect(await views.checkpoint(PLANS)).toBe(-1);
      expect(await views.get(PLANS, "a")).toBeUndefined();
      expect(await views.list(PLANS, { limit: 10 })).toEqual([]);
    });

    it("save documents together with the checkpoint", async () => {
      await views.save(PLANS, [{ key: "a", tag: "live", rank: 0, document: { n: 1, text: "ü" } }], 7);
      expect(await views.checkpoint(PLANS)).toBe(7);
      expect(await views.get(PLANS, "a")).toEqual({ n: 1, text: "ü" });
      await views.save(PLANS, [], 9);
      expect(await views.checkpoint(PLANS)).toBe(9);
      views = await harness.reopen();
      expect(await views.checkpoint(PLANS)).toBe(9);
      expect(await views.get(PLANS, "a")).toEqual({ n: 1, text: "ü" });
    });

    it("apply changes in order: replace, move to another tag, remove", async () => {
      await views.save(PLANS, [{ key: "a", tag: "live", rank: 0, document: 1 }], 0);
      await views.save(
        PLANS,
        [
          { key: "b", tag: "live", rank: 0, document: 2 },
          { key: "a", tag: "done", rank: 0, document: 3 },
          { key: "b", tag: "live", rank: 0, document: null },
          { key: "c", tag: "live", rank: 0, document: 4 },
        ],
        1,
      );
      expect(await views.list(PLANS, { limit: 10 })).toEqual([
        { key: "a", tag: "done", rank: 0, document: 3 },
        { key: "c", tag: "live", rank: 0, document: 4 },
      ]);
      expect(await views.list(PLANS, { tags: ["live"], limit: 10 })).toEqual([
        { key: "c", tag: "live", rank: 0, document: 4 },
      ]);
      expect(await views.get(PLANS, "b")).toBeUndefined();
    });

    it("list pages in the order of rank and key, forwards and backwards", async () => {
      const ordered = ["K5", "k1", "k10", "k9", "ü", "ﬀ", "😀"];
      const shuffled = ["k9", "k1", "K5", "ü", "k10", "😀", "ﬀ"];
      const places = [1, 0, -0.5].flatMap((rank) => shuffled.map((key) => ({ rank, key: `${key}.${rank}` })));
      await views.save(
        PLANS,
        places.map((place, index) => ({ ...place, tag: TAGS[index % TAGS.length]!, document: index })),
        0,
      );
      const expected = [-0.5, 0, 1].flatMap((rank) => ordered.map((key) => `${key}.${rank}`));
      for (const limit of [1, 3, 100]) {
        expect(await paged({ limit })).toEqual(expected);
        expect(await paged({ limit, direction: "backwards" })).toEqual(expected.toReversed());
      }
    });

    it("list the documents of some tags in one order", async () => {
      const keys = Array.from({ length: 20 }, (_, index) => `k${String(index).padStart(2, "0")}`);
      await views.save(
        PLANS,
        keys.map((key, index) => ({ key, tag: TAGS[index % 3]!, rank: index % 4, document: index })),
        0,
      );
      const placed = keys.map((key, index) => ({ key, tag: TAGS[index % 3]!, rank: index % 4 }));
      const inOrder = placed.toSorted((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : 1));
      for (const tags of [["live"], ["live", "ended"], ["ended", "ended"], ["nobody"], [], TAGS]) {
        const expected = inOrder.filter(({ tag }) => tags.includes(tag)).map(({ key }) => key);
        for (const limit of [2, 100]) {
          expect(await paged({ tags, limit })).toEqual(expected);
          expect(await paged({ tags, limit, direction: "backwards" })).toEqual(expected.toReversed());
        }
      }
    });

    it("give documents with what they are listed by", async () => {
      await views.save(PLANS, [{ key: "a", tag: "live", rank: 1.5, document: [1] }], 0);
      const document = { key: "a", tag: "live", rank: 1.5, document: [1] };
      expect(await views.list(PLANS, { limit: Infinity })).toEqual([document]);
      await views.save(PLANS, [{ ...document, rank: 2 }], 1);
      expect(await views.list(PLANS, { limit: 1, after: { rank: 1.5, key: "a" } })).toEqual([{ ...document, rank: 2 }]);
    });

    it("keep versions apart, and drop one whole", async () => {
      await views.save(NEXT, [{ key: "a", tag: "", rank: 0, document: "new" }], 2);
      await views.save(PLANS, [{ key: "a", tag: "", rank: 0, document: "old" }], 5);
      await views.save({ name: "others", version: 7 }, [], 3);
      expect(await views.get(PLANS, "a")).toBe("old");
      expect(await views.versions("plans")).toEqual([
        { version: 1, checkpoint: 5 },
        { version: 2, checkpoint: 2 },
      ]);
      await views.drop(PLANS);
      expect(await views.checkpoint(PLANS)).toBe(-1);
      expect(await views.get(PLANS, "a")).toBeUndefined();
      expect(await views.versions("plans")).toEqual([{ version: 2, checkpoint: 2 }]);
      expect(await views.get(NEXT, "a")).toBe("new");
      expect(await views.checkpoint(NEXT)).toBe(2);
      await views.drop(PLANS);
    });

    async function paged(options: ViewListOptions): Promise<string[]> {
      const keys: string[] = [];
      for (let after: ViewPlace | undefined; ;) {
        const page = await views.list(PLANS, { ...options, ...(after && { after }) });
        keys.push(...page.map(({ key }) => key));
        after = page.at(-1);
        if (page.length < options.limit) return keys;
      }
    }
  });
}
