import { createServer } from "node:http";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { remoteClient } from "#src/client/remote.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { served, TOKEN, type Served } from "../http/served.ts";
import { temporaryFolder } from "../store/folder.ts";
import { SeededRandom } from "#src/testing/seeded-random.ts";
import { until } from "../chaos/until.ts";
import { RECONNECTING_MS, RECONNECTS } from "../reconnects.ts";
import { CuttingProxy } from "./cutting-proxy.ts";

let there: Served;
let plan: string;
let positions: number[];

beforeAll(async () => {
  there = await served();
  const client = there.clients["in-process"];
  const steps = Array.from({ length: 60 }, (_, index) => `  s${index}: { value: "${"v".repeat(index * 7)}" }`);
  ({ plan } = await client.submit({ source: `plan: many\nsteps:\n${steps.join("\n")}\n` }));
  await client.wait({ plan });
  positions = (await client.history({ plan, limit: 1_000 })).facts.map(({ position }) => position);
});
afterAll(() => there[Symbol.asyncDispose]());

describe("a subscriber whose connections break at random", () => {
  it("gets every fact once and in order", async () => {
    let cuts = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1, maxLength: 8 }), async (sizes) => {
        let turn = 0;
        // Every other connection brings enough for some facts, so that there is an end.
        const bytesOf = () => (turn++ % 2 === 0 ? sizes[(turn >> 1) % sizes.length]! : 20_000);
        await using proxy = await CuttingProxy.open(there.guardedUrl, bytesOf);
        using client = remoteClient({ url: proxy.url, token: TOKEN }, { clock: systemClock });
        const seen: number[] = [];
        for await (const fact of client.events({ plan })) {
          seen.push(fact.position);
          if (fact.type === "PlanSucceeded") break;
        }
        expect(seen).toEqual(positions);
        cuts += proxy.cuts;
      }),
      { numRuns: 15 },
    );
    expect(cuts).toBeGreaterThan(15);
  });

  it("gets those that come while nobody was connected", async () => {
    const { gates, clients } = there;
    const source =
      "plan: later\nsteps:\n  a: { tool: gate.pass, with: { gate: later } }\n  b: { value: 1, needs: [a] }\n";
    const { plan: later } = await clients.http.submit({ source });
    await gates.until("later");
    await using proxy = await CuttingProxy.open(there.guardedUrl, () => 3_000);
    using client = remoteClient({ url: proxy.url, token: TOKEN }, { clock: systemClock });
    const seen: string[] = [];
    for await (const { type } of client.events({ plan: later })) {
      seen.push(type);
      if (type === "StepDispatched") gates.open("later");
      if (type === "PlanSucceeded") break;
    }
    const { facts } = await clients.http.history({ plan: later });
    expect(seen).toEqual(facts.map(({ type }) => type));
  });
});

describe("a subscriber whose connection is broken again and again while facts come", () => {
  it(`loses none across ${RECONNECTS} forced reconnects`, { timeout: RECONNECTING_MS }, async () => {
    const inner = there.clients["in-process"];
    const { plan: first } = await inner.submit({ source: "plan: first\nsteps:\n  a: { value: 1 }\n" });
    await inner.wait({ plan: first });
    const after = (await inner.history({ plan: first })).facts.at(-1)?.position ?? NaN;
    // Room for a few facts, and then it breaks, most often in the middle of one.
    const random = new SeededRandom(11);
    let connections = 0;
    await using proxy = await CuttingProxy.open(there.guardedUrl, () =>
      connections++ < RECONNECTS ? random.int(2_000, 8_000) : Infinity,
    );
    using client = remoteClient({ url: proxy.url, token: TOKEN }, { clock: systemClock, patienceMs: RECONNECTING_MS });
    const stop = new AbortController();
    const seen: number[] = [];
    let last = "";
    const following = (async () => {
      for await (const fact of client.events({ after }, { signal: stop.signal })) {
        seen.push(fact.position);
        if (fact.type === "PlanSucceeded" && fact.plan === last) break;
      }
    })();
    const steps = Array.from({ length: 20 }, (_, index) => `  s${index}: { value: ${index} }`).join("\n");
    while (proxy.cuts < RECONNECTS) {
      const { plan: one } = await inner.submit({ source: `plan: more\nsteps:\n${steps}\n` });
      await inner.wait({ plan: one });
      const position = (await inner.history({ plan: one, limit: 1_000 })).facts.at(-1)?.position ?? NaN;
      // Nobody who is broken off so often keeps up with more.
      await until("the subscriber has it", RECONNECTING_MS, () => (seen.at(-1) ?? -1) >= position);
    }
    const { plan: final } = await inner.submit({ source: "plan: last\nsteps:\n  a: { value: 1 }\n" });
    last = final;
    await following;
    const all: number[] = [];
    for await (const { position } of inner.events({ after })) {
      all.push(position);
      if (position === seen.at(-1)) break;
    }
    expect(seen).toEqual(all);
    expect(proxy.cuts).toBeGreaterThanOrEqual(RECONNECTS);
  });
});

describe("a client", () => {
  it("says that nobody answers, at once for a question and after its patience for a stream", async () => {
    await using folder = await temporaryFolder();
    using client = remoteClient({ socket: path.join(folder.path, "none") }, { clock: systemClock, patienceMs: 100 });
    await expect(client.status({})).rejects.toMatchObject({ code: "unreachable", retryable: true });
    await expect(client.events({})[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "unreachable" });
  });

  it("refuses an answer that is none of ours", async () => {
    const other = createServer((_request, response) => response.end("<html>hello</html>"));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address() as { port: number };
    using client = remoteClient({ url: `http://127.0.0.1:${address.port}` }, { clock: systemClock });
    await expect(client.list({})).rejects.toMatchObject({ code: "malformed-answer" });
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));
  });

  it("stops a question that is under way when its signal says so", async () => {
    const stop = new AbortController();
    const { plan: slow } = await there.clients.http.submit({ source: "plan: slow\nsteps:\n  a: { wait: 1h }\n" });
    const waiting = there.clients.http.wait({ plan: slow }, { signal: stop.signal });
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await there.clients.http.cancel({ plan: slow });
  });
});
