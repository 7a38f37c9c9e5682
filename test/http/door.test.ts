import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveHttp } from "#src/compose.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { ask, dial, readAll } from "./raw-request.ts";
import { served, TOKEN, type Served } from "./served.ts";

const MIB = 1024 * 1024;
const JSON_TYPE = { "content-type": "application/json" };

let there: Served;
let url: string;

beforeAll(async () => {
  there = await served();
  ({ url } = there);
});
afterAll(() => there[Symbol.asyncDispose]());

const plansListed = async (): Promise<number> => (await there.clients["in-process"].list({})).plans.length;

describe("a refusal over HTTP", () => {
  it("is a problem document with the stable code", async () => {
    const { status, headers, body } = await ask(`${url}/v1/plans/00000000-0000-4000-8000-000000000000`);
    expect(status).toBe(404);
    expect(headers["content-type"]).toBe("application/problem+json");
    expect(body).toEqual({
      type: "urn:planwright:problem:plan-unknown",
      title: "Plan unknown",
      status: 404,
      detail: "there is no plan 00000000-0000-4000-8000-000000000000",
      code: "plan-unknown",
      retryable: false,
    });
  });

  it("has the findings of a plan that cannot run", async () => {
    const sent = { source: "plan: a\nsteps:\n  b: { tol: x }\n" };
    const { status, body } = await ask(`${url}/v1/plans`, {
      method: "POST",
      headers: JSON_TYPE,
      body: JSON.stringify(sent),
    });
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: "plan-refused", details: { findings: [{ line: 3, suggestion: "tool" }] } });
  });

  it.each([
    ["GET", "/v1/nowhere", {}, 404, "no-such-operation"],
    ["DELETE", "/v1/plans", {}, 405, "method-not-allowed"],
    ["GET", "/v1/plans?limit=many", {}, 400, "invalid-input"],
    ["GET", "/v1/plans?limt=5", {}, 400, "invalid-input"],
    ["GET", "/v1/plans/%E0%A4%A", {}, 400, "malformed-request"],
    ["POST", "/v1/plans", { headers: JSON_TYPE, body: "{" }, 400, "malformed-body"],
    ["POST", "/v1/plans", { headers: JSON_TYPE, body: "[]" }, 400, "malformed-body"],
    ["POST", "/v1/plans", { headers: { "content-type": "text/plain" }, body: "{}" }, 415, "unsupported-media-type"],
    ["GET", "/v1/events", { headers: { "last-event-id": "here" } }, 400, "invalid-input"],
  ] as const)("%s %s with %j is %i %s", async (...[method, path, sent, status, code]) => {
    const answer = await ask(`${url}${path}`, { method, ...sent });
    expect(answer.body).toMatchObject({ status, code });
    expect(answer.status).toBe(status);
    if (status === 405) expect(answer.headers.allow).toBe("GET, POST");
  });

  it("is one also where there is no request to refuse", async () => {
    const garbage = await readAll(await dial(url, "what is this?\r\n\r\n"));
    expect(garbage).toMatch(/^HTTP\/1\.1 400 [\s\S]*application\/problem\+json[\s\S]*"code":"malformed-request"/);
    const long = await readAll(await dial(url, `GET / HTTP/1.1\r\nx: ${"y".repeat(20_000)}\r\n\r\n`));
    expect(long).toMatch(/^HTTP\/1\.1 431 [\s\S]*"code":"headers-too-large"/);
  });
});

describe("a request without a host, or with an expectation that nobody knows", () => {
  it("is refused with a problem document like everything that is refused, or answered", async () => {
    const hostless = await readAll(await dial(url, "GET /v1/status HTTP/1.1\r\nconnection: close\r\n\r\n"));
    expect(hostless).toMatch(/^HTTP\/1\.1 400 [\s\S]*application\/problem\+json[\s\S]*"code":"malformed-request"/);
    const head = "host: localhost\r\nexpect: the-unexpected\r\nconnection: close\r\n\r\n";
    const expecting = await readAll(await dial(url, `GET /v1/status HTTP/1.1\r\n${head}`));
    expect(expecting).toMatch(/^HTTP\/1\.1 200 /);
    const nowhere = await readAll(await dial(url, `GET /v1/nowhere HTTP/1.1\r\n${head}`));
    expect(nowhere).toMatch(/^HTTP\/1\.1 404 [\s\S]*application\/problem\+json/);
  });
});

describe("a body that is too large", () => {
  const refused = { status: 413, code: "request-too-large" };

  it("is refused before it is sent, where its length is announced", async () => {
    const head = `POST /v1/plans HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${100 * MIB}\r\n`;
    const socket = await dial(url, `${head}\r\n{`);
    const [first] = (await once(socket, "data")) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
    const expecting = await dial(url, `${head}expect: 100-continue\r\n\r\n`);
    const [second] = (await once(expecting, "data")) as [Buffer];
    expect(second.toString()).toMatch(/^HTTP\/1\.1 413 /);
    expecting.destroy();
  });

  it.each([true, false])("is refused while it comes, and not kept (announced: %s)", async (isAnnounced) => {
    const before = await plansListed();
    const { arrayBuffers, external } = process.memoryUsage();
    let peak = 0;
    const watching = systemClock;
    const look = (): void => {
      const now = process.memoryUsage();
      peak = Math.max(peak, now.arrayBuffers + now.external - arrayBuffers - external);
      if (isWatched) watching.after(5, look);
    };
    let isWatched = true;
    look();
    const zeros = { bytes: 100 * MIB, isAnnounced };
    const answer = await ask(`${url}/v1/plans`, { method: "POST", headers: JSON_TYPE, zeros });
    isWatched = false;
    expect(answer.body).toMatchObject(refused);
    expect(peak).toBeLessThan(64 * MIB);
    expect(await plansListed()).toBe(before);
  });

  it("may be as large as a plan can be", async () => {
    const source = `plan: large\nsteps:\n  a: { value: "${"x".repeat(3 * MIB)}" }\n`;
    const { status } = await ask(`${url}/v1/validate`, {
      method: "POST",
      headers: JSON_TYPE,
      body: JSON.stringify({ source }),
    });
    expect(status).toBe(200);
  });
});

describe("a value that is nested deeper than anything is recorded", () => {
  const nested = "[".repeat(100_000) + "]".repeat(100_000);
  const source = "plan: deep\nsteps:\n  s: { signal: go }\n";

  it("is refused over HTTP whatever it is to be, and quarantines nothing", async () => {
    const { plan } = await there.clients.http.submit({ source });
    for (const [path, body] of [
      [`plans/${plan}/signals`, `{"name":"other","payload":${nested}}`],
      [`plans/${plan}/outcome`, `{"step":"s","outcome":{"kind":"done","output":${nested}}}`],
      ["plans", `{"source":"plan: p\\ninputs: { a: {} }\\nsteps: { v: { value: 1 } }\\n","inputs":{"a":${nested}}}`],
      ["validate", `{"source":${nested}}`],
    ] as const) {
      const answer = await ask(`${url}/v1/${path}`, { method: "POST", headers: JSON_TYPE, body });
      expect(answer.body, path).toMatchObject({ status: 400, code: "invalid-input" });
    }
    expect((await there.clients.http.get({ plan })).status).toBe("running");
    expect((await ask(`${url}/v1/quarantine`)).body).toEqual({ plans: [] });
    await there.clients.http.cancel({ plan });
  });

  it("is refused by every client before it is sent", async () => {
    const payload = JSON.parse(nested) as [];
    for (const client of Object.values(there.clients)) {
      const sent = Promise.resolve().then(() => client.signal({ plan: "last", name: "go", payload }));
      await expect(sent).rejects.toMatchObject({ code: "invalid-input" });
    }
  });
});

describe("a client that goes away", () => {
  it("in the middle of its body starts nothing and harms nobody", async () => {
    const before = await plansListed();
    const head =
      "POST /v1/plans HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n";
    for (let time = 0; time < 20; time++) (await dial(url, `${head}{"source": "plan: a`)).destroy();
    expect((await ask(`${url}/v1/status`)).status).toBe(200);
    expect(await plansListed()).toBe(before);
  });

  it("in the middle of a wait or a stream takes nothing with it", async () => {
    const { gates, clients } = there;
    const source = "plan: left\nsteps:\n  a: { tool: gate.pass, with: { gate: left } }\n";
    const { plan } = await clients.http.submit({ source });
    for (const path of [`plans/${plan}/wait`, `events?plan=${plan}`, "live"]) {
      const socket = await dial(url, `GET /v1/${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
      if (!path.includes("wait")) await once(socket, "data");
      socket.destroy();
    }
    gates.open("left");
    expect(await clients.http.wait({ plan })).toMatchObject({ status: "succeeded" });
  });
});

describe("the HTTP door", () => {
  it("knows who asks by their token", async () => {
    const open = await ask(`${url}/v1/status`);
    expect(open.body).toMatchObject({ caller: "http:loopback" });
    const { guardedUrl } = there;
    const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
    expect((await ask(`${guardedUrl}/v1/status`, bearer(TOKEN))).body).toMatchObject({ caller: "token:tester" });
    for (const sent of [{}, bearer("another"), { headers: { authorization: "Basic abc" } }]) {
      const { status, headers, body } = await ask(`${guardedUrl}/v1/status`, sent);
      expect([status, headers["www-authenticate"]]).toEqual([401, "Bearer"]);
      expect(body).toMatchObject({ code: "unauthenticated" });
    }
  });

  it("answers no page of another origin, and to no other name", async () => {
    const { port } = new URL(url);
    const foreign = await ask(`${url}/v1/plans`, { headers: { origin: "https://example.org" } });
    expect(foreign.body).toMatchObject({ status: 403, code: "foreign-origin" });
    expect(foreign.headers["access-control-allow-origin"]).toBeUndefined();
    const crossed = await ask(`${url}/v1/plans`, { headers: { "sec-fetch-site": "cross-site" } });
    expect(crossed.status).toBe(403);
    const rebound = await ask(`${url}/v1/plans`, { headers: { host: `evil.example:${port}` } });
    expect(rebound.body).toMatchObject({ status: 421, code: "foreign-host" });
    const own = await ask(`${url}/v1/plans`, {
      headers: { host: `localhost:${port}`, origin: `http://localhost:${port}` },
    });
    expect(own.status).toBe(200);
  });

  it("is not opened to other machines without tokens, nor where there is no such address", async () => {
    for (const host of ["0.0.0.0", "::", "example.org"]) {
      await expect(serveHttp(there.planwright, { host })).rejects.toMatchObject({
        code: "tokens-needed",
      });
    }
    const port = Number(new URL(url).port);
    const taken = serveHttp(there.planwright, { port });
    await expect(taken).rejects.toMatchObject({ code: "address-unavailable" });
  });

  it("ends waits and streams when it closes, and lets what is under way be answered", async () => {
    const door = await serveHttp(there.planwright);
    const { plan } = await there.clients.http.submit({ source: "plan: slow\nsteps:\n  a: { wait: 1h }\n" });
    const stream = await dial(door.url, "GET /v1/events HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    await once(stream, "data");
    const waiting = ask(`${door.url}/v1/plans/${plan}/wait?timeoutMs=300000`);
    const [wait] = await Promise.all([waiting, closeSoon(door), readAll(stream)]);
    expect(wait.body).toMatchObject({ status: 503, code: "stopping", retryable: true });
    await there.clients.http.cancel({ plan });
  });

  async function closeSoon(door: AsyncDisposable): Promise<void> {
    // The wait has arrived when an operation that was asked after it is answered.
    await there.clients.http.status({});
    await there.clients.http.status({});
    await door[Symbol.asyncDispose]();
  }
});
