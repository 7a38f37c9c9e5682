import { describe } from "vitest";
import { systemClock } from "#src/ports/system/clock.ts";
import { openMemory, type MemoryStore } from "#src/store/memory/open.ts";
import { denseLogContract, eventStoreContract } from "../../contracts/event-store.ts";
import { snapshotStoreContract } from "../../contracts/snapshot-store.ts";
import { viewStoreContract } from "../../contracts/view-store.ts";

interface Opened extends AsyncDisposable {
  readonly store: MemoryStore;
  reopen(): Promise<MemoryStore>;
}

function open(): Opened {
  let store = openMemory({ clock: systemClock });
  return {
    store,
    reopen: async () => {
      await store[Symbol.asyncDispose]();
      store = openMemory({ clock: systemClock, contents: store.contents });
      return store;
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

describe("the in-memory store", () => {
  const openEvents = async () => {
    const opened = open();
    return { ...opened, store: opened.store.events, reopen: async () => (await opened.reopen()).events };
  };
  eventStoreContract(openEvents);
  denseLogContract(openEvents);
  snapshotStoreContract(async () => {
    const opened = open();
    return { ...opened, snapshots: opened.store.snapshots, reopen: async () => (await opened.reopen()).snapshots };
  });
  viewStoreContract(async () => {
    const opened = open();
    return { ...opened, views: opened.store.views, reopen: async () => (await opened.reopen()).views };
  });
});
