import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask } from "../http/raw-request.ts";
import { served, TOKEN, type Served } from "../http/served.ts";
import { answerOf, connected, overHttp } from "./speaking.ts";

// The protocol over the HTTP door: the door's guard, and sessions.

const INITIALIZE = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "raw", version: "1" } },
};

describe("the protocol over HTTP", () => {
  let it_: Served;
  beforeAll(async () => void (it_ = await served()));
  afterAll(() => it_[Symbol.asyncDispose]());

  const post = (url: string, headers: Record<string, string>, body: unknown) =>
    fetch(new URL("/mcp", url), {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  const authorized = { authorization: `Bearer ${TOKEN}` };

  it("is for whoever has a token, in the token's name", async () => {
    await using opened = new AsyncDisposableStack();
    expect((await post(it_.guardedUrl, {}, INITIALIZE)).status).toBe(401);
    const wrong = await post(it_.guardedUrl, { authorization: "Bearer wrong" }, INITIALIZE);
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get("www-authenticate")).toBe("Bearer");
    const client = await connected(overHttp(it_.guardedUrl), opened);
    const source = "plan: napping\nsteps:\n  nap: { wait: 1h }\n";
    const { plan } = await answerOf(client, { name: "plan_submit", args: { source } });
    await answerOf(client, { name: "plan_cancel", args: { plan } });
    const { facts } = await answerOf(client, { name: "plan_history", args: { plan } });
    expect(new Set(facts.map(({ actor }) => actor))).toContain("token:tester");
  });

  it("is not for pages of other origins, nor under another name", async () => {
    expect((await post(it_.url, { origin: "http://evil.example" }, INITIALIZE)).status).toBe(403);
    expect((await post(it_.url, { "sec-fetch-site": "cross-site" }, INITIALIZE)).status).toBe(403);
    const rebound = await ask(new URL("/mcp", it_.url).href, { method: "POST", headers: { host: "evil.example" } });
    expect(rebound).toMatchObject({ status: 421, body: { code: "foreign-host" } });
  });

  it("refuses what is no request of the protocol, by its status", async () => {
    const cases: [unknown, number][] = [
      ["{ broken", 400],
      ["[]", 400],
      [{ jsonrpc: "2.0", id: 1, method: "tools/list" }, 400],
      [{}, 400],
    ];
    for (const [body, status] of cases) expect((await post(it_.guardedUrl, authorized, body)).status).toBe(status);
    const get = await fetch(new URL("/mcp", it_.guardedUrl), { headers: authorized });
    expect(get.status).toBe(400);
    const large = await post(it_.guardedUrl, authorized, `{"a":"${"x".repeat(17 * 1024 * 1024)}"}`).catch(
      () => undefined,
    );
    expect(large?.status ?? 413).toBe(413);
    const form = { ...authorized, "content-type": "text/plain" };
    expect((await post(it_.guardedUrl, form, INITIALIZE)).status).toBe(415);
  });

  it("keeps a session for the principal that began it", async () => {
    const begun = await post(it_.guardedUrl, authorized, INITIALIZE);
    expect(begun.status).toBe(200);
    await begun.text();
    const id = begun.headers.get("mcp-session-id") ?? "";
    const list = { jsonrpc: "2.0", id: 2, method: "tools/list" };
    const own = await post(it_.guardedUrl, { ...authorized, "mcp-session-id": id }, list);
    expect(await own.text()).toContain("plan_submit");
    // The open door has sessions of its own, and so has another principal.
    for (const url of [it_.url, it_.guardedUrl]) {
      const named = { ...authorized, "mcp-session-id": url === it_.url ? id : "00000000-0000-4000-8000-000000000000" };
      const other = await post(url, named, list);
      expect(other.status).toBe(404);
      expect(await other.json()).toMatchObject({ code: "session-unknown" });
    }
    const ended = await fetch(new URL("/mcp", it_.guardedUrl), {
      method: "DELETE",
      headers: { ...authorized, "mcp-session-id": id },
    });
    expect(ended.status).toBe(200);
    expect((await post(it_.guardedUrl, { ...authorized, "mcp-session-id": id }, list)).status).toBe(404);
  });

  it("makes room for new sessions where old ones are not used", async () => {
    const ids: string[] = [];
    for (let count = 0; count < 205; count++) {
      const begun = await post(it_.url, {}, INITIALIZE);
      await begun.text();
      ids.push(begun.headers.get("mcp-session-id") ?? "");
    }
    const ping = { jsonrpc: "2.0", id: 2, method: "ping" };
    const asked = async (id = "") => (await post(it_.url, { "mcp-session-id": id }, ping)).status;
    expect(await asked(ids[0])).toBe(404);
    expect(await asked(ids.at(-1))).toBe(200);
  });

  it("serves several clients at once, each with its own answers", async () => {
    await using opened = new AsyncDisposableStack();
    const clients = [await connected(overHttp(it_.url), opened), await connected(overHttp(it_.guardedUrl), opened)];
    const answers = await Promise.all(
      clients.map(async (client, n) => {
        const source = `plan: own\nsteps:\n  one: { value: ${n} }\nrespond: \${steps.one.output}\n`;
        return answerOf(client, { name: "plan_submit", args: { source, waitSeconds: 30 } });
      }),
    );
    expect(answers.map(({ report }) => report.response)).toEqual([0, 1]);
  });
});

describe("a door that closes", () => {
  it("ends sessions and what they wait for", async () => {
    await using opened = new AsyncDisposableStack();
    const place = await served();
    const client = await connected(overHttp(place.url), opened);
    const source = "plan: napping\nsteps:\n  nap: { wait: 1h }\n";
    const waiting = answerOf(client, { name: "plan_submit", args: { source, waitSeconds: 300 } }).catch(() => "ended");
    await place[Symbol.asyncDispose]();
    const answer = new AbortController();
    void waiting.then(() => answer.abort());
    await client.close();
    expect(await waiting).toBe("ended");
  });
});
