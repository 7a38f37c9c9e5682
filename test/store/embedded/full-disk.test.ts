import { describe, expect, it } from "vitest";
import { NO_STREAM } from "#events/envelope.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { openEmbedded } from "#src/store/embedded/open.ts";
import { batchOf, collect, streamNamed, valuesIn } from "../../contracts/batches.ts";
import { temporaryFolder } from "../folder.ts";

// SQLite's own limit of pages stands for the disk: it ends in the same SQLITE_FULL as ENOSPC, and can be lifted while
// the store is open.

const ROOM_BYTES = 200 * 1024;
const NO_LIMIT_BYTES = 2 ** 40;
const A = streamNamed("plan-0a-first");
const B = streamNamed("plan-0b-second");
const BIG = "x".repeat(30_000);

describe("a full disk", () => {
  it("refuses the append that does not fit, and goes on after space is back", async () => {
    await using folder = await temporaryFolder();
    await using store = await openEmbedded({ directory: folder.path, clock: systemClock, maxBytes: ROOM_BYTES });
    let acknowledged = 0;
    let refused: unknown;
    while (refused === undefined) {
      await store.events.append(batchOf(A, acknowledged - 1, [BIG])).then(
        () => acknowledged++,
        (error: unknown) => {
          refused = error;
        },
      );
    }
    expect(refused).toMatchObject({ code: "store-full", retryable: true });
    expect(await store.events.revision(A)).toBe(acknowledged - 1);
    expect(await store.events.head()).toBe(acknowledged - 1);
    expect(await collect(store.events.read(A))).toHaveLength(acknowledged);
    store.limit(NO_LIMIT_BYTES);
    const next = await store.events.append(batchOf(A, acknowledged - 1, ["after"]));
    expect(next).toEqual({ revision: acknowledged, position: acknowledged });
    expect((await store.verify()).damages).toEqual([]);
  });

  it("refuses the whole group, new streams and repeats included, and forgets what it had changed in memory", async () => {
    await using folder = await temporaryFolder();
    await using store = await openEmbedded({ directory: folder.path, clock: systemClock, maxBytes: ROOM_BYTES });
    await store.events.append(batchOf(A, NO_STREAM, [0]));
    const group = [
      batchOf(A, 0, [1]),
      batchOf(A, 1, [2]),
      batchOf(B, NO_STREAM, ["b"]),
      ...Array.from({ length: 10 }, (_, index) => batchOf(streamNamed(`plan-00-${index}`), NO_STREAM, [BIG])),
    ];
    const answers = await Promise.allSettled(group.map((batch) => store.events.append(batch)));
    for (const answer of answers) expect(answer).toMatchObject({ reason: { code: "store-full" } });
    expect(await store.events.revision(A)).toBe(0);
    expect(await store.events.revision(B)).toBe(NO_STREAM);
    expect(await store.events.head()).toBe(0);
    store.limit(NO_LIMIT_BYTES);
    const again = await Promise.all(group.map((batch) => store.events.append(batch)));
    expect(again.map(({ position }) => position)).toEqual(group.map((_, index) => index + 1));
    expect(valuesIn(await collect(store.events.read(A)))).toEqual([0, 1, 2]);
    expect((await store.verify()).damages).toEqual([]);
  });

  it("loses a snapshot quietly and refuses a view", async () => {
    await using folder = await temporaryFolder();
    await using store = await openEmbedded({ directory: folder.path, clock: systemClock, maxBytes: ROOM_BYTES });
    const state = "y".repeat(ROOM_BYTES);
    await store.snapshots.save(A, { version: "v", revision: 1, state });
    await store.snapshots.save(A, { version: "v", revision: 2, state: "small" });
    expect(await store.snapshots.load(A, 1)).toBeUndefined();
    expect((await store.snapshots.load(A))?.revision).toBe(2);
    const view = { name: "plans", version: 1 };
    const saving = store.views.save(view, [{ rank: 0, key: "a", tag: "", document: state }], 5);
    await expect(saving).rejects.toMatchObject({ code: "store-full" });
    expect(await store.views.checkpoint(view)).toBe(-1);
  });
});
