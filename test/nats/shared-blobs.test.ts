import { describe, expect, it } from "vitest";
import { encode, fact } from "#events/catalog.ts";
import { newBatchId, newPlanId, RANDOM_BYTES_PER_ID } from "#events/ids.ts";
import { planStream } from "#events/streams.ts";
import { examine } from "#src/api/examination.ts";
import { openNatsBlobs } from "#src/nats/blobs.ts";
import { SharedBlobs } from "#src/nats/shared-blobs.ts";
import { SILENT } from "#src/ports/log.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { systemRandom } from "#src/ports/system/random.ts";
import { createMemoryContents } from "#src/store/memory/contents.ts";
import { openMemory } from "#src/store/memory/open.ts";
import { requireServer } from "../require.ts";
import { natsForTests } from "./connections.ts";
import { hasNats } from "./server.ts";

// Blobs of coordinators, as a process beside them finds them.

const NOWHERE = "nats://127.0.0.1:1";

function sharedBlobs(server: string, namespace: string): SharedBlobs {
  const settings = { servers: [server], namespace };
  return new SharedBlobs({ settings, clock: systemClock, random: systemRandom, log: SILENT });
}

requireServer("nats", hasNats)("blobs that coordinators share", () => {
  const nats = natsForTests("s");

  it("are read by a process beside them", async () => {
    const connection = await nats.connect();
    const theirs = await openNatsBlobs(connection);
    const ref = await theirs.put(Buffer.from("an output"));
    await using blobs = sharedBlobs(nats.server().url, connection.namespace);
    expect(Buffer.from(await blobs.get(ref)).toString()).toBe("an output");
    expect(await blobs.has(ref)).toBe(true);
    expect((await Array.fromAsync(blobs.list())).map((blob) => blob.ref)).toEqual([ref]);
  });

  it("are not made by who only looks", async () => {
    const connection = await nats.connect();
    await using blobs = sharedBlobs(nats.server().url, connection.namespace);
    const ref = blobs.refOf(Buffer.from("nobody has it"));
    await expect(blobs.get(ref)).rejects.toMatchObject({ code: "blob-missing" });
    expect(await Array.fromAsync(blobs.list())).toEqual([]);
    const { jetstreamManager } = await import("@nats-io/jetstream");
    const streams = await (await jetstreamManager(connection.client)).streams.names().next();
    expect(streams.filter((name) => name.includes(connection.namespace))).toEqual([]);
  });

  it("that are put here are found by coordinators, and not removed through the handle that put them", async () => {
    const connection = await nats.connect();
    await using blobs = sharedBlobs(nats.server().url, connection.namespace);
    const ref = await blobs.put(Buffer.from("an answer"));
    expect(await (await openNatsBlobs(connection)).has(ref)).toBe(true);
    expect(await blobs.remove(ref, Number.MAX_SAFE_INTEGER)).toBe(false);
  });

  it("are reached when the server is back", async () => {
    const connection = await nats.connect();
    const ref = await (await openNatsBlobs(connection)).put(Buffer.from("an output"));
    await nats.server().stop();
    await using blobs = sharedBlobs(nats.server().url, connection.namespace);
    await expect(blobs.has(ref)).rejects.toMatchObject({ code: "nats-unavailable" });
    await nats.server().begin();
    expect(await blobs.has(ref)).toBe(true);
  });
});

describe("an examination", () => {
  it("ends where the blobs cannot be reached, and calls none of them missing", async () => {
    await using blobs = sharedBlobs(NOWHERE, "default");
    const citing = { blob: blobs.refOf(Buffer.from("an output")), bytes: 40_000 };
    const finished = fact("StepSucceeded", { step: "one", attempt: 1, output: citing });
    const plan = newPlanId(0, new Uint8Array(RANDOM_BYTES_PER_ID));
    const { events } = openMemory({ clock: systemClock, contents: createMemoryContents() });
    const id = newBatchId(0, new Uint8Array(RANDOM_BYTES_PER_ID));
    const origin = { batch: id, occurredAt: 0, tenant: "default", correlation: plan, actor: "os:tester" };
    await events.append({ id, stream: planStream(plan), expectedRevision: -1, origin, events: [encode(finished)] });
    await expect(examine({ events, blobs })).rejects.toMatchObject({ code: "nats-unavailable" });
  });
});
