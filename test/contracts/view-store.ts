import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ViewStore } from "#src/ports/view-store.ts";

// What every implementation of the view port keeps: V1 and V2 of src/ports/view-store.ts.

export interface ViewStoreHarness extends AsyncDisposable {
  readonly views: ViewStore;
  /** Closes the store and opens its contents again. */
  reopen(): Promise<ViewStore>;
}

const PLANS = { name: "plans", version: 1 };
const NEXT = { name: "plans", version: 2 };

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
      await views.save(PLANS, [{ key: "a", tag: "live", document: { n: 1, text: "ü" } }], 7);
      expect(await views.checkpoint(PLANS)).toBe(7);
      expect(await views.get(PLANS, "a")).toEqual({ n: 1, text: "ü" });
      await views.save(PLANS, [], 9);
      expect(await views.checkpoint(PLANS)).toBe(9);
      views = await harness.reopen();
      expect(await views.checkpoint(PLANS)).toBe(9);
      expect(await views.get(PLANS, "a")).toEqual({ n: 1, text: "ü" });
    });

    it("apply changes in order: replace, move to another tag, remove", async () => {
      await views.save(PLANS, [{ key: "a", tag: "live", document: 1 }], 0);
      await views.save(
        PLANS,
        [
          { key: "b", tag: "live", document: 2 },
          { key: "a", tag: "done", document: 3 },
          { key: "b", tag: "live", document: null },
          { key: "c", tag: "live", document: 4 },
        ],
        1,
      );
      expect(await views.list(PLANS, { limit: 10 })).toEqual([
        { key: "a", tag: "done", document: 3 },
        { key: "c", tag: "live", document: 4 },
      ]);
      expect(await views.list(PLANS, { tag: "live", limit: 10 })).toEqual([{ key: "c", tag: "live", document: 4 }]);
      expect(await views.get(PLANS, "b")).toBeUndefined();
    });

    it("list pages in the order of keys", async () => {
      const keys = ["k9", "k1", "K5", "ü", "k10", "😀", "ﬀ"];
      await views.save(
        PLANS,
        keys.map((key, index) => ({ key, tag: index % 2 === 0 ? "even" : "odd", document: index })),
        0,
      );
      const ordered = ["K5", "k1", "k10", "k9", "ü", "ﬀ", "😀"];
      const paged: string[] = [];
      for (let after: string | undefined; ;) {
        const page = await views.list(PLANS, { limit: 3, ...(after !== undefined && { after }) });
        if (page.length === 0) break;
        paged.push(...page.map(({ key }) => key));
        after = page.at(-1)?.key;
      }
      expect(paged).toEqual(ordered);
      const even = await views.list(PLANS, { tag: "even", after: "k1", limit: 10 });
      expect(even.map(({ key }) => key)).toEqual(["k10", "k9", "ﬀ"]);
    });

    it("keep versions apart, and drop one whole", async () => {
      await views.save(PLANS, [{ key: "a", tag: "", document: "old" }], 5);
      await views.save(NEXT, [{ key: "a", tag: "", document: "new" }], 2);
      expect(await views.get(PLANS, "a")).toBe("old");
      await views.drop(PLANS);
      expect(await views.checkpoint(PLANS)).toBe(-1);
      expect(await views.get(PLANS, "a")).toBeUndefined();
      expect(await views.get(NEXT, "a")).toBe("new");
      expect(await views.checkpoint(NEXT)).toBe(2);
      await views.drop(PLANS);
    });
  });
}
