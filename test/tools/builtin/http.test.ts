import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { isPublicAddress, PUBLIC_ONLY } from "#src/tools/builtin/address-guard.ts";
import { httpGetTool, httpJson } from "#src/tools/builtin/http.ts";
import { MAX_REDIRECTS } from "#src/tools/builtin/http-exchange.ts";
import { parseRetryAfter } from "#src/tools/builtin/retry-after.ts";
import { runTool } from "#src/tools/run.ts";
import { contextOf, outputOf } from "../context.ts";

const open = { allowPrivateNetwork: true };

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("http.get", () => {
  it("answers with status, headers and the body in the charset that the answer names", async () => {
    const base = await serve((_request, response) => {
      response.setHeader("content-type", "text/plain; charset=iso-8859-1").end(Buffer.from([0xe4]));
    });
    const answer = await outputOf(httpGetTool, { url: `${base}/x?y=1` }, open);
    expect(answer).toMatchObject({ status: 200, url: `${base}/x?y=1`, body: "ä" });
    expect(answer).toHaveProperty("headers.content-type", "text/plain; charset=iso-8859-1");
    expect(await outputOf(httpGetTool, { url: base, encoding: "base64" }, open)).toMatchObject({ body: "5A==" });
  });

  it.each([
    [404, "not-found"],
    [429, "rate-limited"],
    [500, "internal"],
    [503, "unavailable"],
  ])("fails on status %i as %s with the wait that was asked for", async (status, category) => {
    const base = await serve((_request, response) => {
      response.writeHead(status, { "retry-after": "7" }).end("sorry");
    });
    const outcome = await runTool(httpGetTool, { url: base }, contextOf(open));
    const error = { category, code: `http-${status}`, retryAfterMs: 7000, details: { status, body: "sorry" } };
    expect(outcome).toMatchObject({ ok: false, error });
  });

  it("sends headers and secrets to the first origin, and to no other that it leads to", async () => {
    const other = await serve((request, response) => void response.end(request.headers.authorization ?? "none"));
    const base = await serve((request, response) => {
      if (request.url === "/away") response.writeHead(302, { location: other }).end();
      else if (request.url === "/near") response.writeHead(307, { location: "/end" }).end();
      else response.end(request.headers.authorization === "Bearer s3cr3t" ? "known" : "unknown");
    });
    const headers = { Authorization: { $secret: "TOKEN" } };
    const options = { ...open, secrets: { TOKEN: "Bearer s3cr3t" } };
    expect(await outputOf(httpGetTool, { url: base, headers }, options)).toMatchObject({ body: "known" });
    expect(await outputOf(httpGetTool, { url: `${base}/near`, headers }, options)).toMatchObject({
      body: "known",
      url: `${base}/end`,
    });
    expect(await outputOf(httpGetTool, { url: `${base}/away`, headers }, options)).toMatchObject({ body: "none" });
  });

  it("gives up on a chain of redirects at its limit", async () => {
    let hops = 0;
    const base = await serve((_request, response) => {
      hops += 1;
      response.writeHead(302, { location: "/again" }).end();
    });
    await expect(outputOf(httpGetTool, { url: base }, open)).rejects.toThrow("validation too-many-redirects");
    expect(hops).toBe(MAX_REDIRECTS + 1);
  });

  it("stops at the size limit, compressed answers included", async () => {
    const zeros = Buffer.alloc(1_000_000);
    const base = await serve((request, response) => {
      if (request.url === "/zip") response.setHeader("content-encoding", "gzip").end(gzipSync(zeros));
      else response.end(zeros);
    });
    for (const url of [base, `${base}/zip`]) {
      const attempt = outputOf(httpGetTool, { url, maxBytes: 10_000 }, open);
      await expect(attempt).rejects.toThrow("resource-exhausted body-too-large");
      expect(await outputOf(httpGetTool, { url }, open)).toMatchObject({ body: zeros.toString() });
    }
  });

  it("ends with the abort while the server keeps silent", async () => {
    const controller = new AbortController();
    const base = await serve(() => controller.abort(new DOMException("enough", "AbortError")));
    const attempt = outputOf(httpGetTool, { url: base }, { ...open, signal: controller.signal });
    await expect(attempt).rejects.toThrow("cancelled cancelled: enough");
  });

  it("calls a refused connection and a broken one unavailable", async () => {
    const base = await serve((request) => void request.socket.destroy());
    await expect(outputOf(httpGetTool, { url: base }, open)).rejects.toThrow(/^unavailable/);
    await expect(outputOf(httpGetTool, { url: "http://127.0.0.1:1" }, open)).rejects.toThrow(/^unavailable/);
  });

  it.each([
    ["file:///etc/passwd", "validation bad-url"],
    ["http://user:word@example.org/", "validation bad-url"],
    ["nonsense", "validation bad-url"],
  ])("refuses the URL %s", async (url, message) => {
    await expect(outputOf(httpGetTool, { url }, open)).rejects.toThrow(message);
  });

  it.each([["Host"], ["content-length"], ["a b"]])("leaves the header %s to the connection", async (name) => {
    const attempt = outputOf(httpGetTool, { url: "http://example.org", headers: { [name]: "x" } });
    await expect(attempt).rejects.toThrow("validation invalid-arguments");
  });

  it("refuses a header value that would begin another header", async () => {
    const options = { secrets: { TOKEN: "a\r\nx: y" }, ...open };
    for (const value of ["a\r\nx: y", { $secret: "TOKEN" }]) {
      const attempt = outputOf(httpGetTool, { url: "http://127.0.0.1:1", headers: { a: value } }, options);
      await expect(attempt).rejects.toThrow(/^validation/);
    }
  });
});

describe("the private network", () => {
  it.each([
    ["127.0.0.1"],
    ["10.1.2.3"],
    ["172.16.0.1"],
    ["192.168.0.1"],
    ["169.254.169.254"],
    ["100.64.0.1"],
    ["0.0.0.0"],
    ["255.255.255.255"],
    ["224.0.0.1"],
    ["::"],
    ["::1"],
    ["::7f00:1"],
    ["::ffff:10.0.0.1"],
    ["::ffff:0:127.0.0.1"],
    ["64:ff9b::7f00:1"],
    ["2002:7f00:1::"],
    ["fe80::1"],
    ["fc00::1"],
    ["fd12::1"],
    ["fec0::1"],
    ["not an address"],
  ])("has %s", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([["8.8.8.8"], ["1.1.1.1"], ["2606:4700::1111"], ["::ffff:8.8.8.8"]])("does not have %s", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    ["http://127.0.0.1"],
    ["http://[::1]"],
    ["http://[::ffff:127.0.0.1]"],
    ["http://2130706433"],
    ["http://0x7f.1"],
    ["http://localhost"],
  ])("is not reached by %s, and no connection is made", async (prefix) => {
    let connections = 0;
    const base = await serve((_request, response) => void response.end());
    const port = new URL(base).port;
    const counted = await serve(() => (connections += 1));
    for (const url of [`${prefix}:${port}/`, `${prefix}:${new URL(counted).port}/`]) {
      await expect(outputOf(httpGetTool, { url })).rejects.toThrow("permission private-address");
    }
    expect(connections).toBe(0);
  });

  it("is not reached by a lookup of the socket, whichever form of answer it wants", async () => {
    for (const all of [true, false]) {
      const error = await new Promise((resolve) =>
        PUBLIC_ONLY.lookup("localhost", { all }, (refusal) => resolve(refusal)),
      );
      expect(error).toMatchObject({ code: "private-address", category: "permission" });
    }
  });
});

describe("http.json", () => {
  it("answers with the value itself", async () => {
    const base = await serve(
      (request, response) => void response.end(JSON.stringify({ accept: request.headers.accept })),
    );
    expect(await outputOf(httpJson, { url: base }, open)).toEqual({ accept: "application/json" });
  });

  it("says what it got instead of JSON", async () => {
    const base = await serve((_request, response) => void response.end("<html>"));
    await expect(outputOf(httpJson, { url: base }, open)).rejects.toThrow(/validation not-json: .*<html>/);
  });
});

describe("Retry-After", () => {
  const now = Date.parse("Wed, 21 Oct 2026 07:28:00 GMT");

  it.each([
    ["120", 120_000],
    ["0", 0],
    ["Wed, 21 Oct 2026 07:28:05 GMT", 5000],
    ["Wed, 21 Oct 2026 07:27:00 GMT", 0],
    ["9999999999", 86_400_000],
    ["-5", undefined],
    ["1.5", undefined],
    ["soon", undefined],
    ["2026-10-21", undefined],
    [undefined, undefined],
  ])("%s is a wait of %s ms", (value, waitMs) => {
    expect(parseRetryAfter(value, now)).toBe(waitMs);
  });
});
