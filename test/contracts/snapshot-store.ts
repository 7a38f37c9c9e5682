import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SnapshotStore } from "#src/ports/snapshot-store.ts";
import { streamNamed } from "./batches.ts";

// What every implementation of the snapshot port keeps.

export interface SnapshotStoreHarness extends AsyncDisposable {
  readonly snapshots: SnapshotStore;
  /** Closes the store and opens its contents again. */
  reopen(): Promise<SnapshotStore>;
}

const A = streamNamed("plan-0a-first");
const B = streamNamed("plan-0b-second");

function snapshotAt(revision: number) {
  return { version: "plan-state@1", revision, state: { revision, text: "ü\n" } };
}

export function snapshotStoreContract(open: () => Promise<SnapshotStoreHarness>): void {
  describe("snapshots", () => {
    let harness: SnapshotStoreHarness;
    let snapshots: SnapshotStore;
    beforeEach(async () => {
      harness = await open();
      snapshots = harness.snapshots;
    });
    afterEach(async () => harness[Symbol.asyncDispose]());

    it("are absent where none was saved", async () => {
      await snapshots.save(B, snapshotAt(1));
      expect(await snapshots.load(A)).toBeUndefined();
      expect(await snapshots.load(B, 0)).toBeUndefined();
    });

    it("give the newest, or the newest at or before a revision", async () => {
      for (const revision of [10, 30, 20]) await snapshots.save(A, snapshotAt(revision));
      expect(await snapshots.load(A)).toEqual(snapshotAt(30));
      expect(await snapshots.load(A, 29)).toEqual(snapshotAt(20));
      expect(await snapshots.load(A, 20)).toEqual(snapshotAt(20));
      expect(await snapshots.load(A, 19)).toEqual(snapshotAt(10));
    });

    it("replace one of the same revision", async () => {
      await snapshots.save(A, snapshotAt(10));
      await snapshots.save(A, { ...snapshotAt(10), version: "plan-state@2" });
      expect((await snapshots.load(A))?.version).toBe("plan-state@2");
    });

    it("keep a few of a stream, the newest", async () => {
      for (let revision = 0; revision < 10; revision++) await snapshots.save(A, snapshotAt(revision));
      await snapshots.save(B, snapshotAt(0));
      expect(await snapshots.load(A, 7)).toEqual(snapshotAt(7));
      expect(await snapshots.load(A, 5)).toBeUndefined();
      expect(await snapshots.load(B)).toEqual(snapshotAt(0));
    });

    it("are not changed by what the caller does to the state afterwards", async () => {
      const state = { list: [1] };
      await snapshots.save(A, { version: "v", revision: 0, state });
      state.list.push(2);
      expect((await snapshots.load(A))?.state).toEqual({ list: [1] });
    });

    it("outlive a store that was closed", async () => {
      for (const revision of [10, 20]) await snapshots.save(A, snapshotAt(revision));
      snapshots = await harness.reopen();
      expect(await snapshots.load(A)).toEqual(snapshotAt(20));
      expect(await snapshots.load(A, 15)).toEqual(snapshotAt(10));
    });
  });
}
