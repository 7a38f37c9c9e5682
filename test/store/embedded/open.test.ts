import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { NO_STREAM } from "#events/envelope.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { openEmbedded, openEmbeddedReader } from "#src/store/embedded/open.ts";
import { batchOf, collect, streamNamed, valuesIn } from "../../contracts/batches.ts";
import { temporaryFolder } from "../folder.ts";

const A = streamNamed("plan-0a-first");

describe("opening the embedded store", () => {
  it("makes the folder, which git ignores, and leaves one file, the lock and the head when it is closed", async () => {
    await using folder = await temporaryFolder();
    const directory = path.join(folder.path, "deep", ".planwright");
    const store = await openEmbedded({ directory, clock: systemClock, command: "planwright run" });
    await store.events.append(batchOf(A, NO_STREAM, [1]));
    const holder: unknown = JSON.parse(await readFile(path.join(directory, "holder.json"), "utf8"));
    expect(holder).toMatchObject({ pid: process.pid, command: "planwright run" });
    await store[Symbol.asyncDispose]();
    expect((await readdir(directory)).sort()).toEqual([".gitignore", "head", "lock", "store.db"]);
  });

  it("writes what was asked for before it was closed, and refuses what comes after", async () => {
    await using folder = await temporaryFolder();
    const options = { directory: folder.path, clock: systemClock };
    const store = await openEmbedded(options);
    const appended = store.events.append(batchOf(A, NO_STREAM, [1]));
    await store[Symbol.asyncDispose]();
    expect(await appended).toEqual({ revision: 0, position: 0 });
    await store[Symbol.asyncDispose]();
    const refusals = [
      store.events.append(batchOf(A, 0, [2])),
      store.events.head(),
      store.events.revision(A),
      collect(store.events.read(A)),
      store.views.checkpoint({ name: "plans", version: 1 }),
      store.verify(),
    ];
    for (const refusal of refusals) await expect(refusal).rejects.toMatchObject({ code: "store-unavailable" });
    await using again = await openEmbedded(options);
    expect(valuesIn(await collect(again.events.read(A)))).toEqual([1]);
  });

  it("keeps the write-ahead log small when asked to", async () => {
    await using folder = await temporaryFolder();
    await using store = await openEmbedded({ directory: folder.path, clock: systemClock });
    await store.events.append(batchOf(A, NO_STREAM, ["x".repeat(100_000)]));
    await store.checkpoint();
    expect(await readFile(path.join(folder.path, "store.db-wal"))).toHaveLength(0);
    expect(await collect(store.events.read(A))).toHaveLength(1);
  });
});

describe("a store whose maker was killed before it had made the tables", () => {
  it("is missing for who reads it, and made by who writes next", async () => {
    await using folder = await temporaryFolder();
    const options = { directory: folder.path, clock: systemClock };
    const file = path.join(folder.path, "store.db");
    const begin = (sql: string) => (): Promise<void> => {
      using database = new DatabaseSync(file);
      database.exec(sql);
      return Promise.resolve();
    };
    const journal = Buffer.concat([Buffer.from("d9d505f920a163d7", "hex"), Buffer.alloc(504)]);
    for (const step of [
      () => writeFile(file, ""),
      begin("pragma user_version = 0; create table a (b); drop table a"),
      () => writeFile(`${file}-journal`, journal),
      () => rm(`${file}-journal`),
      begin("pragma journal_mode = wal"),
    ]) {
      await step();
      await expect(openEmbeddedReader(options)).rejects.toMatchObject({ code: "store-missing" });
    }
    await using store = await openEmbedded(options);
    expect(await store.events.append(batchOf(A, NO_STREAM, [1]))).toEqual({ revision: 0, position: 0 });
    await using reader = await openEmbeddedReader(options);
    expect(valuesIn(await collect(reader.events.read(A)))).toEqual([1]);
  });

  it("is damaged for who reads it, where something was acknowledged", async () => {
    await using folder = await temporaryFolder();
    const options = { directory: folder.path, clock: systemClock };
    const store = await openEmbedded(options);
    await store.events.append(batchOf(A, NO_STREAM, [1]));
    await store[Symbol.asyncDispose]();
    const file = path.join(folder.path, "store.db");
    await rm(file);
    new DatabaseSync(file).exec("pragma journal_mode = wal");
    await expect(openEmbeddedReader(options)).rejects.toMatchObject({ code: "store-damaged" });
    await expect(openEmbedded(options)).rejects.toMatchObject({ code: "store-damaged" });
  });
});
