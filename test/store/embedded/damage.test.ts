import { copyFile, readFile, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_STREAM, type RecordedEvent } from "#events/envelope.ts";
import { Fault } from "#events/fault.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { openEmbedded, openEmbeddedReader, type EmbeddedStore } from "#src/store/embedded/open.ts";
import { batchOf, collect, streamNamed } from "../../contracts/batches.ts";
import { temporaryFolder } from "../folder.ts";

const A = streamNamed("plan-0a-first");
const B = streamNamed("plan-0b-second");
const PLANS = { name: "plans", version: 1 };
const FLIPS = 150;

function open(directory: string): Promise<EmbeddedStore> {
  return openEmbedded({ directory, clock: systemClock });
}

/** A store with two streams, a snapshot and a view; gives the events that it holds. */
async function fill(directory: string): Promise<RecordedEvent[]> {
  await using store = await open(directory);
  for (let round = 0; round < 30; round++) {
    await store.events.append(batchOf(A, round * 2 - 1, [round, "x".repeat(200)]));
    await store.events.append(batchOf(B, round - 1, [{ round }]));
  }
  await store.snapshots.save(A, { version: "v", revision: 10, state: { text: "y".repeat(300) } });
  await store.views.save(PLANS, [{ rank: 0, key: "a", tag: "live", document: { text: "z".repeat(300) } }], 80);
  return await collect(store.events.readAll());
}

/** What a look at the whole store finds: a fault's code, `damages`, or the events where nothing was noticed. */
async function inspect(directory: string): Promise<string | RecordedEvent[]> {
  try {
    await using store = await open(directory);
    if ((await store.verify()).damages.length > 0) return "damages";
    return await collect(store.events.readAll());
  } catch (error) {
    if (error instanceof Fault) return (error as Fault).code;
    throw error;
  }
}

function edit(directory: string, sql: string): void {
  const database = new DatabaseSync(path.join(directory, "store.db"));
  database.exec(sql);
  database.close();
}

describe("one flipped byte", () => {
  it("anywhere in the file is noticed, or changes nothing that is read", { timeout: 120_000 }, async () => {
    await using folder = await temporaryFolder();
    const events = await fill(folder.path);
    const file = path.join(folder.path, "store.db");
    const whole = await readFile(file);
    let noticed = 0;
    const flip = fc.record({ at: fc.nat({ max: whole.length - 1 }), mask: fc.integer({ min: 1, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(flip, async ({ at, mask }) => {
        await using copy = await temporaryFolder();
        const bytes = Uint8Array.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ mask;
        await writeFile(path.join(copy.path, "store.db"), bytes);
        await copyFile(path.join(folder.path, "head"), path.join(copy.path, "head"));
        const found = await inspect(copy.path);
        if (typeof found === "string") noticed++;
        else expect(found).toEqual(events);
      }),
      { numRuns: FLIPS },
    );
    expect(noticed).toBeGreaterThan(FLIPS / 4);
  });

  it("in the write-ahead log is noticed: a commit that was acknowledged does not vanish", async () => {
    await using folder = await temporaryFolder();
    await using store = await open(folder.path);
    for (let step = 0; step < 8; step++) await store.events.append(batchOf(A, step - 1, [step]));
    const log = await readFile(path.join(folder.path, "store.db-wal"));
    for (const at of [0, 40, Math.floor(log.length / 2), log.length - 100]) {
      await using copy = await temporaryFolder();
      for (const name of ["store.db", "head"]) await copyFile(path.join(folder.path, name), path.join(copy.path, name));
      const bytes = Uint8Array.from(log);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      await writeFile(path.join(copy.path, "store.db-wal"), bytes);
      expect(await inspect(copy.path)).toBe("store-damaged");
    }
  });

  it("in a fact stops the plan's reader with stream and revision", async () => {
    await using folder = await temporaryFolder();
    await fill(folder.path);
    edit(folder.path, "update appends set events = replace(events, '[12]', '[13]') where 0");
    edit(folder.path, `update appends set events = replace(events, '"value":7', '"value":8') where revision = 14`);
    await using store = await open(folder.path);
    await expect(collect(store.events.read(A))).rejects.toMatchObject({
      code: "store-damaged",
      message: expect.stringContaining(`${A} at revision 14`),
    });
    expect(await collect(store.events.read(B))).toHaveLength(30);
    expect((await store.verify()).damages).toEqual([
      { kind: "log", message: expect.any(String), stream: A, revision: 14, position: expect.any(Number) },
    ]);
  });
});

describe("verify", () => {
  it("finds nothing wrong with a whole store, and tells its size and progress", async () => {
    await using folder = await temporaryFolder();
    const events = await fill(folder.path);
    await using store = await open(folder.path);
    const progress: number[] = [];
    const report = await store.verify({ onProgress: ({ checked }) => progress.push(checked) });
    expect(report).toEqual({ streams: 2, appends: 60, events: events.length, damages: [], truncated: false });
    expect(progress.at(-1)).toBe(events.length);
    await expect(store.verify({ signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  });

  it.each([
    ["a row that is gone", "delete from appends where stream = 1 and revision = 20", "revisions 20 to 21 are missing"],
    ["a gap in the log", "delete from appends where stream = 1 and revision = 20", "positions 30 to 31 are missing"],
    [
      "a changed type",
      `update appends set events = replace(events, 'Noted', 'Voted') where position = 33`,
      "not what was",
    ],
    [
      "another actor",
      `update appends set origin = replace(origin, 'alice', 'malory') where position = 33`,
      "not what was",
    ],
    ["another time", "update appends set at = at + 1 where position = 33", "not what was written"],
    ["another batch id", "update appends set batch = zeroblob(16) where position = 33", "not what was written"],
    ["another checksum", "update appends set checksum = zeroblob(16) where position = 33", "not what was written"],
    ["text that is not JSON", "update appends set events = '[' where position = 33", "not what was written"],
    ["a value of another type", "update appends set events = x'00' where position = 33", "another type"],
    ["a lost stream name", "delete from streams where id = 2", "has lost its name"],
    ["another stream name", "update streams set name = 'plan-00-x' where id = 2", "not what was written"],
    ["a stream without events", "delete from appends where stream = 2", "has lost all its events"],
    ["a lost end", "delete from appends where position = 89", "does not reach position 89"],
    ["a snapshot", "update snapshots set state = '{}'", "a snapshot is not what was written"],
    ["a view", "update documents set document = '{}'", "damaged document"],
  ])("names %s", async (_, sql, message) => {
    await using folder = await temporaryFolder();
    await fill(folder.path);
    await using store = await open(folder.path);
    edit(folder.path, sql);
    const { damages } = await store.verify();
    expect(damages.map((damage) => damage.message).join("\n")).toContain(message);
  });

  it("gives a damaged snapshot to nobody, and says which view has to be built again", async () => {
    await using folder = await temporaryFolder();
    await fill(folder.path);
    edit(folder.path, "update snapshots set state = '{}'; update documents set document = '{}'");
    await using store = await open(folder.path);
    expect(await store.snapshots.load(A)).toBeUndefined();
    await expect(store.views.get(PLANS, "a")).rejects.toMatchObject({ code: "view-damaged" });
  });
});

describe("a file that is not whole", () => {
  it.each([0.9, 0.5, 0.1])("cut to %s of its length is refused", async (share) => {
    await using folder = await temporaryFolder();
    await fill(folder.path);
    const file = path.join(folder.path, "store.db");
    await truncate(file, Math.floor((await readFile(file)).length * share));
    for (const opening of [open(folder.path), openEmbeddedReader({ directory: folder.path, clock: systemClock })]) {
      await expect(opening).rejects.toMatchObject({
        code: "store-damaged",
        message: expect.stringContaining("planwright doctor"),
      });
    }
  });

  it("is refused when it is empty or gone although events were acknowledged", async () => {
    await using folder = await temporaryFolder();
    await fill(folder.path);
    await truncate(path.join(folder.path, "store.db"), 0);
    expect(await inspect(folder.path)).toBe("store-damaged");
  });

  it("is refused when it is an older copy, until somebody accepts the loss", async () => {
    await using folder = await temporaryFolder();
    await fill(folder.path);
    const file = path.join(folder.path, "store.db");
    const older = await readFile(file);
    await (async () => {
      await using store = await open(folder.path);
      await store.events.append(batchOf(B, 29, ["newer"]));
    })();
    await writeFile(file, older);
    expect(await inspect(folder.path)).toBe("store-damaged");
    await using reader = await openEmbeddedReader({ directory: folder.path, clock: systemClock, evenIncomplete: true });
    expect((await reader.verify()).damages).toEqual([
      { kind: "log", message: "the log does not reach position 90, which was acknowledged", position: 90 },
    ]);
    await truncate(path.join(folder.path, "head"), 0);
    expect(await inspect(folder.path)).toHaveLength(90);
  });

  it("is refused when it is something else", async () => {
    await using folder = await temporaryFolder();
    await writeFile(path.join(folder.path, "store.db"), "once upon a time ".repeat(500));
    expect(await inspect(folder.path)).toBe("store-damaged");
    await using other = await temporaryFolder();
    edit(other.path, "create table somebody_elses (id integer)");
    expect(await inspect(other.path)).toBe("store-damaged");
  });

  it("is refused when a newer program wrote it, and is left as it was", async () => {
    await using folder = await temporaryFolder();
    await fill(folder.path);
    edit(folder.path, "pragma user_version = 2");
    const before = await readFile(path.join(folder.path, "store.db"));
    expect(await inspect(folder.path)).toBe("store-newer");
    const reading = openEmbeddedReader({ directory: folder.path, clock: systemClock });
    await expect(reading).rejects.toMatchObject({ code: "store-newer", details: { format: 2, supported: 1 } });
    expect(before.equals(await readFile(path.join(folder.path, "store.db")))).toBe(true);
  });

  it("of a batch sent again is noticed too", async () => {
    await using folder = await temporaryFolder();
    const batch = batchOf(A, NO_STREAM, [1]);
    await using store = await open(folder.path);
    await store.events.append(batch);
    edit(folder.path, "update appends set events = x'00'");
    await expect(store.events.append(batch)).rejects.toMatchObject({ code: "store-damaged" });
    await store.events.append(batchOf(B, NO_STREAM, [1]));
  });
});
