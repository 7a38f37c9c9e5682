import path from "node:path";
import { describe, expect, it } from "vitest";
import { NO_STREAM } from "#events/envelope.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { Appender } from "#src/store/embedded/appender.ts";
import { openForWriting, type Database } from "#src/store/embedded/database.ts";
import { openEmbedded } from "#src/store/embedded/open.ts";
import { StreamHeads } from "#src/store/embedded/stream-heads.ts";
import { batchOf, collect, streamNamed } from "../../contracts/batches.ts";
import { temporaryFolder } from "../folder.ts";

const A = streamNamed("plan-0a-first");
const B = streamNamed("plan-0b-second");
/** SQLITE_IOERR_FSYNC. */
const FSYNC_FAILED = 1034;
const MORE_STREAMS_THAN_KEPT = 10_050;

function appenderOf(database: Database): Appender {
  return new Appender({
    database,
    heads: new StreamHeads(database),
    clock: systemClock,
    head: { position: -1, checksum: "" },
    onCommit: () => undefined,
  });
}

/** Lets the next commit fail as a failing disk does, before or after it took effect. */
function failNextCommit(database: Database, when: "before" | "after"): void {
  const commit = database.commit.bind(database);
  database.commit = () => {
    database.commit = commit;
    if (when === "after") commit();
    throw Object.assign(new Error("disk I/O error"), { code: "ERR_SQLITE_ERROR", errcode: FSYNC_FAILED });
  };
}

describe("a commit that is not answered", () => {
  it.each(["before", "after"] as const)("is unknown, and answered when it is sent again (%s)", async (when) => {
    await using folder = await temporaryFolder();
    using database = openForWriting(path.join(folder.path, "store.db"));
    const appender = appenderOf(database);
    await appender.append(batchOf(A, NO_STREAM, [0]));
    failNextCommit(database, when);
    const group = [batchOf(A, 0, [1]), batchOf(A, 1, [2, 3]), batchOf(B, NO_STREAM, [4])];
    const lost = await Promise.allSettled(group.map((batch) => appender.append(batch)));
    for (const answer of lost) expect(answer).toMatchObject({ reason: { code: "append-unknown", retryable: true } });
    const answers = await Promise.all(group.map((batch) => appender.append(batch)));
    expect(answers).toEqual([
      { revision: 1, position: 1 },
      { revision: 3, position: 3 },
      { revision: 0, position: 4 },
    ]);
    expect(database.prepare("select count(*) as rows from appends").get()).toMatchObject({ rows: 4 });
  });
});

describe("a group", () => {
  it("with a stream whose rows are damaged goes on without it", async () => {
    await using folder = await temporaryFolder();
    using database = openForWriting(path.join(folder.path, "store.db"));
    await appenderOf(database).append(batchOf(A, NO_STREAM, [0]));
    database.prepare("update appends set checksum = 'text'").run();
    const appender = new Appender({
      database,
      heads: new StreamHeads(database),
      clock: systemClock,
      head: { position: 0, checksum: "" },
      onCommit: () => undefined,
    });
    const group = [batchOf(A, 0, [1]), batchOf(B, NO_STREAM, [2])];
    const [damaged, other] = await Promise.allSettled(group.map((batch) => appender.append(batch)));
    expect(damaged).toMatchObject({ reason: { code: "store-damaged" } });
    expect(other).toMatchObject({ value: { revision: 0, position: 1 } });
  });

  it("is as large as the limit, and the rest follows", async () => {
    await using folder = await temporaryFolder();
    await using store = await openEmbedded({ directory: folder.path, clock: systemClock });
    const values = Array.from({ length: 200 }, (_, index) => index);
    const streams = Array.from({ length: 30 }, (_, index) => streamNamed(`plan-00-${index}`));
    const answers = await Promise.all(streams.map((stream) => store.events.append(batchOf(stream, NO_STREAM, values))));
    expect(answers.map(({ position }) => position)).toEqual(streams.map((_, index) => (index + 1) * 200 - 1));
    expect(await collect(store.events.readAll())).toHaveLength(6000);
  });
});

describe("the ends of streams", () => {
  it("are found again for streams that were not used lately", async () => {
    await using folder = await temporaryFolder();
    await using store = await openEmbedded({ directory: folder.path, clock: systemClock });
    const streams = Array.from({ length: MORE_STREAMS_THAN_KEPT }, (_, index) => streamNamed(`plan-00-${index}`));
    await Promise.all(streams.map((stream) => store.events.append(batchOf(stream, NO_STREAM, [0]))));
    for (const stream of [streams[0]!, streams[9000]!]) {
      expect(await store.events.append(batchOf(stream, 0, [1]))).toMatchObject({ revision: 1 });
    }
    expect((await store.verify()).damages).toEqual([]);
  });
});
