import { describe, expect, it, vi } from "vitest";
import { jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { openNatsLeases } from "#src/nats/leases.ts";
import { leasesContract } from "../contracts/leases.ts";
import { requireServer } from "../require.ts";
import { natsForTests } from "./connections.ts";
import { hasNats, NatsServer } from "./server.ts";

const SLOW_TEST_MS = 60_000;

requireServer("nats", hasNats)("the leases on NATS", () => {
  const nats = natsForTests("n");

  leasesContract(async () => {
    const namespace = nats.newNamespace();
    return {
      open: async () => openNatsLeases(await nats.connect(namespace)),
      away: async () => {
        await nats.server().stop("SIGKILL");
        await vi.waitUntil(() => nats.connections.every(({ isConnected }) => !isConnected));
      },
      back: async () => {
        const returned = nats.connections.map((one) => new Promise<void>((resolve) => one.onReturn(resolve)));
        await nats.server().begin();
        await Promise.all(returned);
      },
      [Symbol.asyncDispose]: async () => {},
    };
  });

  // A server counts what is left to be sent, and miscounts what changes meanwhile: this one may never say that it was all.
  it(
    "are listed to the end however often they change meanwhile",
    async () => {
      const connection = await nats.connect();
      const leases = await openNatsLeases(connection);
      const writers = await Promise.all(
        [0, 1, 2, 3].map(async () => openNatsLeases(await nats.connect(connection.namespace))),
      );
      const keys = Array.from({ length: 64 }, (_, index) => `key-${index}`);
      const stop = new AbortController();
      const writing = writers.map(async (writer, which) => {
        const revisions = new Map<string, number>();
        for (let round = 0; !stop.signal.aborted; round++) {
          const key = keys[(round * writers.length + which) % keys.length] ?? "";
          revisions.set(key, (await writer.put(key, round, revisions.get(key) ?? 0)) ?? 0);
        }
      });
      await vi.waitUntil(async () => (await leases.list()).entries.length === keys.length, SLOW_TEST_MS / 2);
      for (let round = 0; round < 100; round++) expect((await leases.list()).entries.length).toBe(keys.length);
      stop.abort();
      await Promise.all(writing);
    },
    SLOW_TEST_MS,
  );

  describe("a bucket", () => {
    it("that an older version has left with other settings is refused with what differs, and not changed", async () => {
      const connection = await nats.connect();
      const bucket = `planwright-${connection.namespace}-leases`;
      await new Kvm(connection.client).create(bucket, { history: 5, ttl: 60_000 });
      await expect(openNatsLeases(connection)).rejects.toMatchObject({
        code: "nats-settings-differ",
        retryable: false,
        message: expect.stringMatching(
          new RegExp(
            `KV_${bucket}.*max_msgs_per_subject is 5 and has to be 1.*max_age is 60000000000.*nats stream edit`,
          ),
        ) as string,
      });
      const manager = await jetstreamManager(connection.client);
      const { config } = await manager.streams.info(`KV_${bucket}`);
      expect(config).toMatchObject({ max_msgs_per_subject: 5, max_age: 60_000_000_000 });
    });

    it("that was lost and made again goes on with larger revisions", async () => {
      const connection = await nats.connect();
      const leases = await openNatsLeases(connection);
      let revision = 0;
      for (let round = 0; round < 5; round++) revision = (await leases.put("key", round, revision))!;
      const manager = await jetstreamManager(connection.client);
      const before = Math.floor(Date.now() / 1_000);
      await manager.streams.delete(`KV_planwright-${connection.namespace}-leases`);
      await expect(leases.put("key", 1, revision)).rejects.toMatchObject({ code: "leases-unavailable" });
      await vi.waitUntil(() => Math.floor(Date.now() / 1_000) > before, 2_000);
      const again = await openNatsLeases(connection);
      expect(await again.put("key", 1, 0)).toBeGreaterThan(revision);
    });

    it("is told apart from a server that has no JetStream", async () => {
      const plain = await NatsServer.start({ jetstream: false });
      try {
        const connection = await plain.connect();
        nats.connections.push(connection);
        await expect(openNatsLeases(connection)).rejects.toMatchObject({ code: "nats-jetstream-missing" });
      } finally {
        await plain[Symbol.asyncDispose]();
      }
    });
  });
});
