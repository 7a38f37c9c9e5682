import { afterEach, describe, expect, it } from "vitest";
import { openNatsLeases, type ServerTime } from "#src/nats/leases.ts";
import { SharedClock } from "#src/nats/shared-clock.ts";
import { SILENT, type Log } from "#src/ports/log.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { VirtualClock } from "#src/testing/virtual-clock.ts";
import { requireServer } from "../require.ts";
import { natsForTests } from "./connections.ts";
import { hasNats } from "./server.ts";

const MINUTE_MS = 60_000;
const LOOK_MS = 10_000;

describe("the clock that coordinators share", () => {
  const opened = new AsyncDisposableStack();
  afterEach(() => opened.disposeAsync());

  const bench = async (aheadMs: number) => {
    const clock = new VirtualClock();
    const said: string[] = [];
    const note = (message: string): void => void said.push(message);
    const log: Log = { ...SILENT, info: note, warn: note };
    const server: { answer: () => Promise<ServerTime> } = { answer: async () => ({ aheadMs, unsureMs: 2 }) };
    const source = { servers: "nats://a", serverTime: () => server.answer() };
    const shared = await SharedClock.open({ source, clock, log });
    return { clock, said, server, shared };
  };

  it("is this machine's while that is within a second of the server's, and says nothing", async () => {
    const { clock, said, shared } = await bench(-900);
    expect(shared.now()).toBe(clock.now());
    expect(said).toEqual([]);
    await shared[Symbol.asyncDispose]();
  });

  it("is the server's where this machine's is minutes away, which is said once", async () => {
    const { clock, said, shared } = await bench(-7 * MINUTE_MS);
    expect(shared.now()).toBe(clock.now() - 7 * MINUTE_MS);
    expect(shared.monotonic()).toBe(clock.monotonic());
    await clock.pass(5 * LOOK_MS);
    expect(said).toEqual([
      "the clock of this machine is 7.0 min ahead of that of nats://a; plans go by the server's until it is set right",
    ]);
    await shared[Symbol.asyncDispose]();
  });

  it("is this machine's again when somebody has set it right", async () => {
    const { clock, said, server, shared } = await bench(90_000);
    server.answer = async () => ({ aheadMs: 3, unsureMs: 2 });
    await clock.pass(LOOK_MS);
    expect(shared.now()).toBe(clock.now());
    expect(said).toEqual([
      expect.stringContaining("90.0 s behind that of nats://a") as string,
      "the clock of this machine agrees with that of nats://a again",
    ]);
    await shared[Symbol.asyncDispose]();
  });

  it("goes on by what is known while the server is away, or answers after a standstill", async () => {
    const { clock, server, shared } = await bench(3 * MINUTE_MS);
    server.answer = () => Promise.reject(new Error("away"));
    await clock.pass(LOOK_MS);
    server.answer = async () => ({ aheadMs: 9_000, unsureMs: 5_000 });
    await clock.pass(LOOK_MS);
    expect(shared.now()).toBe(clock.now() + 3 * MINUTE_MS);
    await shared[Symbol.asyncDispose]();
  });
});

requireServer("nats", hasNats)("the time of a server of NATS", () => {
  const nats = natsForTests("clock");

  it("is known to a fraction of a second, whatever this machine's clock says", async () => {
    const leases = await openNatsLeases(await nats.connect());
    const right = await leases.serverTime();
    expect(Math.abs(right.aheadMs)).toBeLessThanOrEqual(right.unsureMs + 2);
    const wrong = { ...systemClock, now: () => systemClock.now() + 4 * MINUTE_MS };
    const connection = await nats.connect();
    const late = await openNatsLeases(Object.assign(connection, { clock: wrong }));
    const { aheadMs, unsureMs } = await late.serverTime();
    expect(Math.abs(aheadMs + 4 * MINUTE_MS)).toBeLessThanOrEqual(unsureMs + 2);
    await leases[Symbol.asyncDispose]();
    await late[Symbol.asyncDispose]();
  });
});
