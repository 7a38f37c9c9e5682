import { expect, it } from "vitest";
import { openNatsBlobs } from "#src/nats/blobs.ts";
import { openNatsLeases } from "#src/nats/leases.ts";
import { sleep } from "#src/ports/clock.ts";
import { madeInTurn } from "#src/nats/making-in-turn.ts";
import { requireServer } from "../require.ts";
import { natsForTests } from "./connections.ts";
import { hasNats } from "./server.ts";

const TIMES = 16;
const TOGETHER = 4;
/** Longer than objections are waited for. */
const MAKES_FOR_MS = 150;
const MANY = 12;
/** Shorter than objections are waited for. */
const APART_MS = 40;
const SOON_MS = 2_000;

requireServer("nats", hasNats)("what is made in turn", () => {
  const nats = natsForTests("t");

  it("is one stream for all who open it at the same moment: one of them is the first to change a lease", async () => {
    for (let time = 0; time < TIMES; time++) {
      const namespace = nats.newNamespace();
      const connections = await Promise.all(Array.from({ length: TOGETHER }, () => nats.connect(namespace)));
      const all = await Promise.all(connections.map((connection) => openNatsLeases(connection)));
      const revisions = await Promise.all(all.map((leases, index) => leases.put("epochs", index, 0)));
      expect(revisions.filter((revision) => revision !== undefined)).toHaveLength(1);
      const winner = revisions.findIndex((revision) => revision !== undefined);
      for (const leases of all) expect((await leases.list()).entries).toMatchObject([{ key: "epochs", value: winner }]);
      for (const connection of nats.connections.splice(0)) await connection[Symbol.asyncDispose]();
    }
  }, 60_000);

  it("is made soon, however many want it, one after the other", async () => {
    const namespace = nats.newNamespace();
    const connections = await Promise.all(Array.from({ length: MANY }, () => nats.connect(namespace)));
    let made: number | undefined;
    const begunAt = performance.now();
    await Promise.all(
      connections.map(async (connection, index) => {
        await sleep(connection.clock, index * APART_MS, new AbortController().signal);
        const make = async (): Promise<number> => (made = index);
        return madeInTurn(connection, { name: "thing", there: async () => made, make });
      }),
    );
    expect(performance.now() - begunAt).toBeLessThan(SOON_MS);
  });

  it("is made again by another one when who made it has failed", async () => {
    const namespace = nats.newNamespace();
    const connections = await Promise.all(Array.from({ length: TOGETHER }, () => nats.connect(namespace)));
    const made: number[] = [];
    const there = async (): Promise<number | undefined> => made[0];
    const results = await Promise.allSettled(
      connections.map((connection, index) => {
        const make = async (): Promise<number> => {
          if (index === 0) throw new Error("the disk is full");
          made.push(index);
          return index;
        };
        return madeInTurn(connection, { name: "thing", there, make });
      }),
    );
    expect(made).toHaveLength(1);
    expect(results.slice(1)).toEqual([1, 2, 3].map(() => ({ status: "fulfilled", value: made[0] })));
  });

  it("is asked for by two parts of one process as by two processes", async () => {
    const connection = await nats.connect();
    await Promise.all(Array.from({ length: TOGETHER }, () => openNatsBlobs(connection)));
    let isMaking = false;
    let made: string | undefined;
    const make = async (): Promise<string> => {
      expect(isMaking).toBe(false);
      isMaking = true;
      await sleep(connection.clock, MAKES_FOR_MS, new AbortController().signal);
      isMaking = false;
      return (made = "once");
    };
    const all = await Promise.all(
      Array.from({ length: TOGETHER }, () => madeInTurn(connection, { name: "thing", there: async () => made, make })),
    );
    expect(all).toEqual(["once", "once", "once", "once"]);
  });
});
