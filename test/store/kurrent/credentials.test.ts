import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { NO_STREAM } from "#events/envelope.ts";
import { SILENT } from "#src/ports/log.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { storeAddress } from "#src/store/kurrent/address.ts";
import { KurrentConnection } from "#src/store/kurrent/connection.ts";
import { KurrentEventStore } from "#src/store/kurrent/event-store.ts";
import { batchOf, streamNamed, valuesIn } from "../../contracts/batches.ts";
import { temporaryFolder } from "../folder.ts";
import { StandIn } from "./stand-in.ts";

const A = streamNamed("plan-0a-first");
const PASSWORD = "p@ss:w/?#&=ord";

/** A certificate that is its own authority. */
function certificate(folder: string): { readonly file: string; readonly cert: Buffer; readonly key: Buffer } {
  const [file, key] = [path.join(folder, "cert.pem"), path.join(folder, "key.pem")];
  const made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", file];
  const named = [
    "-subj",
    "/CN=stand-in",
    "-addext",
    "subjectAltName=IP:127.0.0.1",
    "-addext",
    "basicConstraints=critical,CA:FALSE",
  ];
  execFileSync("openssl", [...made, ...named], { stdio: "ignore" });
  return { file, cert: readFileSync(file), key: readFileSync(key) };
}

function storeAt(url: string, environment: Readonly<Record<string, string>>) {
  const connection = new KurrentConnection({ address: storeAddress(url, environment), clock: systemClock });
  const store = new KurrentEventStore({ connection, namespace: "", clock: systemClock, log: SILENT });
  const dispose = async (): Promise<void> => {
    await store[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
  };
  return { store, [Symbol.asyncDispose]: dispose };
}

describe("user and password", () => {
  it("come with appends, reads and subscriptions over TLS, whatever characters they have", async () => {
    await using folder = await temporaryFolder();
    const { file, cert, key } = certificate(folder.path);
    await using server = new StandIn();
    server.tls = { cert, key };
    server.serves = `ada:${PASSWORD}`;
    await server.listen();
    const url = `${server.url}&tlsCAFile=${encodeURIComponent(file)}`;
    const user = { PLANWRIGHT_STORE_USER: "ada" };
    await using known = storeAt(url, { ...user, PLANWRIGHT_STORE_PASSWORD: PASSWORD });
    const { store } = known;
    await store.append(batchOf(A, NO_STREAM, [1, 2]));
    expect(valuesIn(await Array.fromAsync(store.read(A)))).toEqual([1, 2]);
    expect(valuesIn(await Array.fromAsync(store.readAll({ limit: 2 })))).toEqual([1, 2]);
    for await (const event of store.subscribe({ after: -1, signal: new AbortController().signal })) {
      expect(valuesIn([event])).toEqual([1]);
      break;
    }
    await using unknown = storeAt(url, { ...user, PLANWRIGHT_STORE_PASSWORD: "another" });
    await expect(unknown.store.head()).rejects.toMatchObject({ code: "store-access-denied", retryable: true });
    await using untrusting = storeAt(server.url, { ...user, PLANWRIGHT_STORE_PASSWORD: PASSWORD });
    await expect(untrusting.store.head()).rejects.toMatchObject({ code: "store-unavailable", retryable: true });
  });
});
