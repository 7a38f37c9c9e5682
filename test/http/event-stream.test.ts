import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serverEvents } from "#src/client/event-reader.ts";
import type { TcpDoor } from "#src/http/open-doors.ts";
import { openTcpDoor } from "#src/http/tcp-door.ts";
import { SILENT } from "#src/ports/log.ts";
import { HandClock } from "./hand-clock.ts";
import { dial } from "./raw-request.ts";
import { served, type Served } from "./served.ts";

const HEARTBEAT_MS = 15_000;
const SLOW_MS = 30_000;
const BIG = "x".repeat(30_000);

let there: Served;
let door: TcpDoor;
const clock = new HandClock();

beforeAll(async () => {
  there = await served();
  const { app } = there.planwright;
  door = await openTcpDoor({ app, clock, log: SILENT }, { host: "127.0.0.1", port: 0, tokens: new Map() });
});
afterAll(async () => {
  await door[Symbol.asyncDispose]();
  await there[Symbol.asyncDispose]();
});

async function ranPlan(source: string, inputs = {}): Promise<string> {
  const { plan } = await there.clients["in-process"].submit({ source, inputs });
  await there.clients["in-process"].wait({ plan });
  return plan;
}

const open = (path: string, headers = "") =>
  dial(door.url, `GET /v1/${path} HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n`);

/** What has come once it holds the text. */
async function textUntil(socket: Awaited<ReturnType<typeof dial>>, text: string): Promise<string> {
  let read = "";
  while (!read.includes(text)) read += String(((await once(socket, "data")) as [Buffer])[0]);
  return read;
}

describe("a stream of facts", () => {
  it("is server-sent events with positions as ids", async () => {
    const plan = await ranPlan("plan: short\nsteps:\n  a: { value: 1 }\n");
    const socket = await open(`events?plan=${plan}`);
    const text = await textUntil(socket, "PlanSucceeded");
    socket.destroy();
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\ncontent-type: text\/event-stream; charset=utf-8\r\n/i);
    expect(text).toMatch(/\r\nretry: 1000\n\n/);
    const [position] = /(?<=\nid: )\d+/.exec(text) ?? [];
    expect(text).toContain(`id: ${position}\nevent: fact\ndata: {"id":`);
    expect(text).toContain(`"position":${position},`);
  });

  it("goes on behind Last-Event-ID", async () => {
    const plan = await ranPlan("plan: short\nsteps:\n  a: { value: 1 }\n");
    const { facts } = await there.clients["in-process"].history({ plan });
    const socket = await open(`events?plan=${plan}&after=-1`, `last-event-id: ${facts[1]!.position}\r\n`);
    const text = await textUntil(socket, "PlanSucceeded");
    socket.destroy();
    expect([...text.matchAll(/\nid: (\d+)/g)].map(([, id]) => Number(id))).toEqual(
      facts.slice(2).map(({ position }) => position),
    );
  });

  it("says now and then that it is there", async () => {
    const socket = await open("events?after=1000000");
    await textUntil(socket, "retry");
    clock.fire(HEARTBEAT_MS);
    await textUntil(socket, ": still here\n\n");
    clock.fire(HEARTBEAT_MS);
    await textUntil(socket, ": still here\n\n");
    socket.destroy();
    await once(socket, "close");
  });

  it("waits for a slow client, and lets it go when it takes nothing; it comes back where it left off", async () => {
    const steps = Array.from({ length: 400 }, (_, index) => `  s${index}: { value: "\${inputs.text}" }`);
    const source = `plan: big\ninputs:\n  text: { type: string }\nsteps:\n${steps.join("\n")}\n`;
    const plan = await ranPlan(source, { text: BIG });
    const { rss } = process.memoryUsage();
    const socket = await open(`events?plan=${plan}`);
    socket.pause();
    while (clock.pending(SLOW_MS) === 0) await new Promise((resolve) => clock.soon(() => resolve(undefined)));
    expect(process.memoryUsage().rss - rss).toBeLessThan(200 * 1024 * 1024);
    clock.fire(SLOW_MS);
    let last = -1;
    const taken = new Set<number>();
    const bytes = socket.resume() as AsyncIterable<Buffer>;
    const cut = serverEvents(bytes);
    try {
      for await (const { data, event } of cut) {
        if (event !== "fact") continue;
        last = (JSON.parse(data) as { position: number }).position;
        taken.add(last);
      }
    } catch {
      // The connection was cut.
    }
    const { last: end } = await there.clients["in-process"].history({ plan, limit: 1 });
    expect(taken.size).toBeLessThan(end + 1);
    for await (const fact of there.clients.http.events({ plan, after: last })) {
      expect(fact.position).toBeGreaterThan(last);
      taken.add(fact.position);
      if (fact.revision === end) break;
    }
    expect(taken.size).toBe(end + 1);
  });
});
