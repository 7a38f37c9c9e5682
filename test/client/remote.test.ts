import { createServer } from "node:http";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { remoteClient } from "#src/client/remote.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { served, TOKEN, type Served } from "../http/served.ts";
import { temporaryFolder } from "../store/folder.ts";
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
