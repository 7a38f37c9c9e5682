// What the adapter makes of servers that go away, stand still, or say no. Against the stand-in, which does so when it is told.
import { describe, expect, it } from "vitest";
import { NO_STREAM, type RecordedEvent } from "#events/envelope.ts";
import { SILENT } from "#src/ports/log.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { storeAddress } from "#src/store/kurrent/address.ts";
import { KurrentConnection } from "#src/store/kurrent/connection.ts";
import { KurrentEventStore } from "#src/store/kurrent/event-store.ts";
import { batchOf, collect, streamNamed, valuesIn } from "../../contracts/batches.ts";
import { StandIn } from "./stand-in.ts";

const A = streamNamed("plan-0a-first");

interface Opened extends AsyncDisposable {
  readonly server: StandIn;
  readonly store: KurrentEventStore;
}

async function open(answerWithinMs = 10_000): Promise<Opened> {
  const server = await new StandIn().listen();
  const connection = new KurrentConnection({
    address: storeAddress(server.url, {}),
    clock: systemClock,
    answerWithinMs,
  });
  const store = new KurrentEventStore({ connection, namespace: "", clock: systemClock, log: SILENT });
  return {
    server,
    store,
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await connection[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Asks again as the runtime does, as long as that may help. */
async function persistently<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === 100 || (error as { retryable?: boolean }).retryable !== true) throw error;
    }
    await new Promise<void>((resolve) => systemClock.after(20, resolve));
  }
}

describe("an append", () => {
  it("whose answer was lost is unknown, and the identical batch is answered with what became of it", async () => {
    await using opened = await open();
    const { server, store } = opened;
    await store.append(batchOf(A, NO_STREAM, [1]));
    const batch = batchOf(A, 0, [2, 3]);
    server.trouble = "loses-answers";
    await expect(store.append(batch)).rejects.toMatchObject({ code: "append-unknown", retryable: true });
    server.trouble = undefined;
    await server.listen();
    expect(await persistently(() => store.append(batch))).toMatchObject({ revision: 2 });
    expect(valuesIn(await collect(store.read(A)))).toEqual([1, 2, 3]);
  });

  it("to a server that is not there may be sent again, and is written once it is", async () => {
    await using opened = await open();
    const { server, store } = opened;
    await store.append(batchOf(A, NO_STREAM, [1]));
    server.kill();
    const batch = batchOf(A, 0, [2]);
    await expect(store.append(batch)).rejects.toMatchObject({ code: "append-unknown", retryable: true });
    await server.listen();
    expect(await persistently(() => store.append(batch))).toMatchObject({ revision: 1 });
  });

  it("to a server that stands still is unknown after the bound, and goes on when the server does", async () => {
    await using opened = await open(2_000);
    const { server, store } = opened;
    await persistently(() => store.append(batchOf(A, NO_STREAM, [1])));
    server.trouble = "frozen";
    const batch = batchOf(A, 0, [2]);
    await expect(store.append(batch)).rejects.toMatchObject({ code: "append-unknown" });
    server.trouble = undefined;
    expect(await persistently(() => store.append(batch))).toMatchObject({ revision: 1 });
  });
});

describe("a read", () => {
  it("goes on once the server is there, also when the very first one met none", async () => {
    await using opened = await open();
    const { server, store } = opened;
    server.kill();
    await expect(store.revision(A)).rejects.toMatchObject({ code: "store-unavailable", retryable: true });
    await server.listen();
    expect(await persistently(() => store.revision(A))).toBe(NO_STREAM);
  });

  it("of a server that stands still ends after the bound", async () => {
    await using opened = await open(2_000);
    const { server, store } = opened;
    server.trouble = "frozen";
    await expect(store.head()).rejects.toMatchObject({ code: "store-unavailable", retryable: true });
    server.trouble = undefined;
    expect(await persistently(() => store.head())).toBe(-1);
  });
});

describe("a subscription", () => {
  it("has every event once and in order, over a server that goes away again and again", async () => {
    await using opened = await open();
    const { server, store } = opened;
    const controller = new AbortController();
    const seen: RecordedEvent[] = [];
    const reading = (async () => {
      for await (const event of store.subscribe({ after: -1, signal: controller.signal })) {
        seen.push(event);
        if (seen.length === 12) controller.abort();
      }
    })();
    for (let round = 0; round < 4; round++) {
      const batch = batchOf(A, round * 3 - 1, [round, round, round]);
      await persistently(() => store.append(batch));
      server.kill();
      await server.listen();
    }
    await reading;
    expect(seen.map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });
});

describe("wrong credentials", () => {
  it("are named with what to check, for appends and reads, and what was refused goes on when they are right", async () => {
    await using opened = await open();
    const { server, store } = opened;
    server.trouble = "denies";
    const refusal = { code: "store-access-denied", retryable: true };
    await expect(store.head()).rejects.toMatchObject(refusal);
    server.trouble = undefined;
    await store.append(batchOf(A, NO_STREAM, [1]));
    server.trouble = "denies";
    server.kill();
    await server.listen();
    const batch = batchOf(A, 0, [2]);
    await expect(
      (async () => {
        for (;;) {
          await store.append(batch).catch((error: unknown) => {
            if ((error as { code?: string }).code !== "append-unknown") throw error;
          });
        }
      })(),
    ).rejects.toMatchObject(refusal);
    server.trouble = undefined;
    expect(await persistently(() => store.append(batch))).toMatchObject({ revision: 1 });
  });
});
