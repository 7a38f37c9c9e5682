// Ways around the wall that lead over a first hop which is allowed. Two addresses of loopback stand for the public and the
// private network: the rule that tells them apart is another one, everything else is what runs.
import { createServer, type RequestListener } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { addressGuard, type Resolve } from "#src/tools/builtin/address-guard.ts";
import { httpExchange } from "#src/tools/builtin/http-exchange.ts";
import { contextOf } from "../context.ts";

const [PUBLIC, PRIVATE] = ["127.0.0.1", "127.0.0.2"];
const isPublic = (address: string): boolean => address === PUBLIC;

interface Networks {
  readonly port: number;
  /** Connections that the private side has seen. */
  readonly intrusions: () => number;
}

/** One port on both addresses: whatever leads to another one of the two reaches a server. */
async function networks(listener: RequestListener): Promise<Networks> {
  let seen = 0;
  const open = createServer(listener);
  const inner = createServer((_, response) => void response.end("metadata of the machine"));
  inner.on("connection", () => (seen += 1));
  await new Promise<void>((resolve) => open.listen(0, PUBLIC, resolve));
  const address = open.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  await new Promise<void>((resolve) => inner.listen(port, PRIVATE, resolve));
  onTestFinished(() => {
    for (const server of [open, inner]) {
      server.closeAllConnections();
      server.close();
    }
  });
  return { port, intrusions: () => seen };
}

/** Names that resolve to one answer after the other, and then to the last. */
function resolving(...answers: readonly (readonly string[])[]): Resolve & { asked: number } {
  const resolve: Resolve & { asked: number } = (_name, _options, callback) => {
    const answer = answers[Math.min(resolve.asked++, answers.length - 1)] ?? [];
    callback(
      null,
      answer.map((address) => ({ address, family: 4 })),
    );
  };
  resolve.asked = 0;
  return resolve;
}

function get(url: string, resolve?: Resolve) {
  return httpExchange({ url, headers: {}, maxBytes: 1_000 }, contextOf(), addressGuard(isPublic, resolve));
}

const REFUSED = { category: "permission", code: "private-address" };

describe("a redirect", () => {
  it.each([
    ["to an address", (port: number) => `http://${PRIVATE}:${port}/`],
    ["to an address in another notation", (port: number) => `http://2130706434:${port}/`],
    ["to an address in hexadecimal", (port: number) => `http://0x7f.2:${port}/`],
    ["to an address mapped into IPv6", (port: number) => `http://[::ffff:127.0.0.2]:${port}/`],
    ["without a scheme", (port: number) => `//${PRIVATE}:${port}/`],
  ])("out of the public network is refused before it connects: %s", async (_, target) => {
    const there = await networks((_request, response) => {
      response.writeHead(302, { location: target(there.port) }).end();
    });
    await expect(get(`http://${PUBLIC}:${there.port}/`)).rejects.toMatchObject(REFUSED);
    expect(there.intrusions()).toBe(0);
  });

  it("to a name that leads into the private network is refused as it connects", async () => {
    const there = await networks((_request, response) => {
      response.writeHead(307, { location: `http://inner.example:${there.port}/` }).end();
    });
    await expect(get(`http://${PUBLIC}:${there.port}/`, resolving([PRIVATE]))).rejects.toMatchObject(REFUSED);
    expect(there.intrusions()).toBe(0);
  });

  it.each(["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "data:text/plain,1"])(
    "to %s is no request at all",
    async (location) => {
      const there = await networks((_request, response) => void response.writeHead(302, { location }).end());
      await expect(get(`http://${PUBLIC}:${there.port}/`)).rejects.toMatchObject({ code: "bad-url" });
    },
  );
});

describe("a name", () => {
  it("that resolves to another address for the next hop gains nothing (DNS rebinding)", async () => {
    const resolve = resolving([PUBLIC], [PRIVATE]);
    const there = await networks((_request, response) => {
      response.writeHead(302, { location: "/again", connection: "close" }).end();
    });
    await expect(get(`http://rebound.example:${there.port}/`, resolve)).rejects.toMatchObject(REFUSED);
    expect(resolve.asked).toBe(2);
    expect(there.intrusions()).toBe(0);
  });

  it("is connected to at the very address that was judged: it is not asked for again", async () => {
    const resolve = resolving([PUBLIC], [PRIVATE]);
    const there = await networks((_request, response) => void response.end("public"));
    const answer = await get(`http://rebound.example:${there.port}/`, resolve);
    expect([answer.body.toString(), resolve.asked, there.intrusions()]).toEqual(["public", 1, 0]);
  });

  it("with one private address among public ones is refused as a whole", async () => {
    const there = await networks((_request, response) => void response.end("public"));
    for (const answer of [
      [PUBLIC, PRIVATE],
      [PRIVATE, PUBLIC],
    ]) {
      await expect(get(`http://mixed.example:${there.port}/`, resolving(answer))).rejects.toMatchObject(REFUSED);
    }
    expect(there.intrusions()).toBe(0);
  });
});
