import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { NO_STREAM } from "#events/envelope.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { openEmbedded, openEmbeddedReader } from "#src/store/embedded/open.ts";
import { batchOf, collect, streamNamed, valuesIn } from "../../contracts/batches.ts";
import { temporaryFolder } from "../folder.ts";
import { Child } from "./child.ts";

const A = streamNamed("plan-0a-first");

describe("the writer's lock", () => {
  it("refuses a second process and names the holder, until the holder is killed", async () => {
    await using folder = await temporaryFolder();
    const options = { directory: folder.path, clock: systemClock };
    await using child = new Child(folder.path);
    expect(await child.line()).toBe("open");
    await expect(openEmbedded(options)).rejects.toMatchObject({
      code: "store-locked",
      message: expect.stringContaining(`process ${child.pid} (child)`),
      details: { pid: child.pid, command: "child", since: expect.any(Number) },
    });
    await child.kill();
    await using store = await openEmbedded(options);
    expect(await store.events.head()).toBeGreaterThanOrEqual(-1);
  });

  it("refuses a second handle in the same process, until the first is closed", async () => {
    await using folder = await temporaryFolder();
    const options = { directory: folder.path, clock: systemClock, command: "first" };
    const first = await openEmbedded(options);
    await expect(openEmbedded(options)).rejects.toMatchObject({ code: "store-locked", details: { command: "first" } });
    await first[Symbol.asyncDispose]();
    await using second = await openEmbedded(options);
    expect(await second.events.head()).toBe(-1);
  });

  it("is free again after opening failed", async () => {
    await using folder = await temporaryFolder();
    const options = { directory: folder.path, clock: systemClock };
    const file = path.join(folder.path, "store.db");
    await writeFile(file, "not a database ".repeat(100));
    await expect(openEmbedded(options)).rejects.toMatchObject({ code: "store-damaged" });
    await rm(file);
    await using store = await openEmbedded(options);
    expect(store.path).toContain(folder.path);
  });
});

describe("a reader beside the holder", () => {
  it("reads what another process has appended, and follows it", async () => {
    await using folder = await temporaryFolder();
    await using child = new Child(folder.path);
    for (let line = 0; line < 10; line++) await child.line();
    await using reader = await openEmbeddedReader({ directory: folder.path, clock: systemClock });
    const head = await reader.events.head();
    expect(head).toBeGreaterThan(0);
    const controller = new AbortController();
    const positions: number[] = [];
    for await (const { position } of reader.events.subscribe({ after: -1, signal: controller.signal })) {
      positions.push(position);
      if (position > head + 50) controller.abort();
    }
    expect(positions).toEqual(positions.map((_, index) => index));
    expect((await reader.verify()).damages).toEqual([]);
  });

  it("sees the writer's appends, snapshots and views, and has no way to write", async () => {
    await using folder = await temporaryFolder();
    const options = { directory: folder.path, clock: systemClock };
    await using store = await openEmbedded(options);
    await using reader = await openEmbeddedReader(options);
    await store.events.append(batchOf(A, NO_STREAM, [1]));
    expect(await reader.events.revision(A)).toBe(0);
    await store.events.append(batchOf(A, 0, [2]));
    expect(await reader.events.revision(A)).toBe(1);
    expect(valuesIn(await collect(reader.events.read(A)))).toEqual([1, 2]);
    await store.views.save({ name: "plans", version: 1 }, [{ rank: 0, key: "a", tag: "", document: 1 }], 1);
    expect(await reader.views.get({ name: "plans", version: 1 }, "a")).toBe(1);
    await store.snapshots.save(A, { version: "v", revision: 0, state: 1 });
    await store.snapshots.save(A, { version: "v", revision: 1, state: 2 });
    expect((await reader.snapshots.load(A))?.state).toBe(1);
    expect("append" in reader.events).toBe(false);
  });

  it("reads a store that nobody holds", async () => {
    await using folder = await temporaryFolder();
    const options = { directory: folder.path, clock: systemClock };
    const store = await openEmbedded(options);
    await store.events.append(batchOf(A, NO_STREAM, [1]));
    await store[Symbol.asyncDispose]();
    await using reader = await openEmbeddedReader(options);
    expect(valuesIn(await collect(reader.events.read(A)))).toEqual([1]);
  });

  it("ends its subscription when it is closed", async () => {
    await using folder = await temporaryFolder();
    const options = { directory: folder.path, clock: systemClock };
    await using store = await openEmbedded(options);
    await store.events.append(batchOf(A, NO_STREAM, [1]));
    const reader = await openEmbeddedReader(options);
    const seen: unknown[] = [];
    for await (const event of reader.events.subscribe({ after: -1, signal: new AbortController().signal })) {
      seen.push(...valuesIn([event]));
      await reader[Symbol.asyncDispose]();
    }
    expect(seen).toEqual([1]);
  });

  it("is a fault where there is no store", async () => {
    await using folder = await temporaryFolder();
    const reading = openEmbeddedReader({ directory: folder.path, clock: systemClock });
    await expect(reading).rejects.toMatchObject({ code: "store-unavailable" });
  });
});
