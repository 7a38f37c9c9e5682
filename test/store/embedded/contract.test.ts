import { describe } from "vitest";
import { systemClock } from "#src/ports/system/clock.ts";
import { openEmbedded, type EmbeddedStore } from "#src/store/embedded/open.ts";
import { denseLogContract, eventStoreContract } from "../../contracts/event-store.ts";
import { snapshotStoreContract } from "../../contracts/snapshot-store.ts";
import { viewStoreContract } from "../../contracts/view-store.ts";
import { temporaryFolder } from "../folder.ts";

interface Opened extends AsyncDisposable {
  readonly store: EmbeddedStore;
  reopen(): Promise<EmbeddedStore>;
}

async function open(): Promise<Opened> {
  const folder = await temporaryFolder();
  const openAgain = () => openEmbedded({ directory: folder.path, clock: systemClock, command: "test" });
  let store = await openAgain();
  return {
    store,
    reopen: async () => {
      await store[Symbol.asyncDispose]();
      store = await openAgain();
      return store;
    },
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe("the embedded store", () => {
  const openEvents = async () => {
    const opened = await open();
    return { ...opened, store: opened.store.events, reopen: async () => (await opened.reopen()).events };
  };
  eventStoreContract(openEvents);
  denseLogContract(openEvents);
  snapshotStoreContract(async () => {
    const opened = await open();
    return { ...opened, snapshots: opened.store.snapshots, reopen: async () => (await opened.reopen()).snapshots };
  });
  viewStoreContract(async () => {
    const opened = await open();
    return { ...opened, views: opened.store.views, reopen: async () => (await opened.reopen()).views };
  });
});
