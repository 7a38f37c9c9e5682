import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { connectNats, connectNatsPatiently } from "#src/nats/connection.ts";
import { SILENT, type Log } from "#src/ports/log.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { requireServer } from "../require.ts";
import { hasNats, NatsServer } from "./server.ts";

const PASSWORD = "a-password-that-nobody-may-see";

requireServer("nats", hasNats)("a connection to NATS", () => {
  const open: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
  });
  const owned = async <T extends AsyncDisposable>(promise: Promise<T>): Promise<T> => {
    const one = await promise;
    open.push(one);
    return one;
  };
  const secretIn = async (server: NatsServer, secret: string): Promise<{ file: string }> => {
    const file = path.join(server.folder.path, "secret");
    await writeFile(file, `${secret}\n`);
    return { file };
  };

  it("carries messages, by the namespace's subjects", async () => {
    const server = await owned(NatsServer.start());
    const [one, other] = [await owned(server.connect({ name: "one" })), await owned(server.connect({ name: "other" }))];
    const heard = Promise.withResolvers<string>();
    other.listen("planwright.default.try", { handler: ({ data }) => heard.resolve(Buffer.from(data).toString()) });
    await other.flush();
    one.publish("planwright.default.try", Buffer.from("hello"));
    expect(await heard.promise).toBe("hello");
    expect(one.maxPayloadBytes).toBe(1024 * 1024);
  });

  it("says that a server is not there, and comes when it is", async () => {
    const server = await owned(NatsServer.start());
    await server.stop();
    await expect(server.connect()).rejects.toMatchObject({ code: "nats-unavailable", retryable: true });
    const obstacle = Promise.withResolvers<string>();
    const log: Log = { ...SILENT, warn: (message) => obstacle.resolve(message) };
    const connecting = connectNatsPatiently(
      { settings: { servers: [server.url] }, name: "patient", clock: systemClock, log },
      new AbortController().signal,
    );
    expect(await obstacle.promise).toContain(server.url);
    await server.begin();
    expect((await owned(connecting)).isConnected).toBe(true);
  });

  it.each([
    ["a token", "authorization { token: TOKEN }", (place: { file: string }) => ({ token: place })],
    [
      "user and password",
      "authorization { users: [{ user: ada, password: TOKEN }] }",
      (place: { file: string }) => ({ user: "ada", password: place }),
    ],
  ])("is let in by %s, and refused by name with another, never printing it", async (_, config, credentials) => {
    const server = await owned(NatsServer.start({ config: config.replace("TOKEN", PASSWORD) }));
    const place = await secretIn(server, PASSWORD);
    expect((await owned(server.connect(credentials(place)))).isConnected).toBe(true);
    await secretIn(server, `${PASSWORD}-wrong`);
    const refused: unknown = await server.connect(credentials(place)).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "nats-access-denied", retryable: true });
    expect(everythingOf(refused)).not.toContain(PASSWORD);
    await expect(server.connect()).rejects.toMatchObject({ code: "nats-access-denied" });
  });

  it("is let in by the seed of an nkey", async () => {
    const { nkeys } = await import("@nats-io/transport-node");
    const [key, stranger] = [nkeys.createUser(), nkeys.createUser()];
    const server = await owned(
      NatsServer.start({ config: `authorization { users: [{ nkey: ${key.getPublicKey()} }] }` }),
    );
    const seed = Buffer.from(key.getSeed()).toString();
    expect((await owned(server.connect({ nkey: await secretIn(server, seed) }))).isConnected).toBe(true);
    const wrong = await secretIn(server, Buffer.from(stranger.getSeed()).toString());
    await expect(server.connect({ nkey: wrong })).rejects.toMatchObject({ code: "nats-access-denied" });
    const none = await secretIn(server, PASSWORD);
    const refused: unknown = await server.connect({ nkey: none }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "nats-credentials-invalid", retryable: false });
    expect(everythingOf(refused)).not.toContain(PASSWORD);
  });

  it("names what is wrong with where credentials are kept", async () => {
    const at = { servers: ["nats://127.0.0.1:1"] };
    const connect = (more: object): Promise<unknown> =>
      connectNats({ settings: { ...at, ...more }, name: "test", clock: systemClock, log: SILENT });
    await expect(connect({ token: { env: "PLANWRIGHT_NO_SUCH" } })).rejects.toMatchObject({
      code: "nats-credentials-invalid",
      message: expect.stringContaining("PLANWRIGHT_NO_SUCH") as string,
    });
    await expect(connect({ creds: { file: "/no/such" } })).rejects.toMatchObject({ code: "nats-credentials-invalid" });
    await expect(connect({ user: "ada", token: { env: "PATH" } })).rejects.toThrow(/exclude each other/);
    await expect(connect({ servers: [`nats://ada:${PASSWORD}@host`] })).rejects.toMatchObject({
      code: "nats-address-invalid",
      message: expect.not.stringContaining(PASSWORD) as string,
    });
  });

  it("returns when the server has been away, and goes on listening", async () => {
    const server = await owned(NatsServer.start());
    const connection = await owned(server.connect());
    const heard: string[] = [];
    connection.listen("planwright.default.try", { handler: ({ data }) => heard.push(Buffer.from(data).toString()) });
    const returned = new Promise<void>((resolve) => connection.onReturn(resolve));
    await server.stop("SIGKILL");
    await vi.waitUntil(() => !connection.isConnected);
    connection.publish("planwright.default.try", Buffer.from("lost"));
    await server.begin();
    await returned;
    connection.publish("planwright.default.try", Buffer.from("after"));
    await connection.flush();
    expect(heard).toEqual(["after"]);
  });

  it("returns when the server takes its credentials back and gives them again", async () => {
    const config = `authorization { token: ${PASSWORD} }`;
    const server = await owned(NatsServer.start({ config }));
    const connection = await owned(server.connect({ token: await secretIn(server, PASSWORD) }));
    await server.stop();
    await server.configure({ config: `authorization { token: another }` });
    const refusals = vi.spyOn(connection.log, "warn");
    await server.begin();
    await vi.waitUntil(() => refusals.mock.calls.filter(([line]) => line.includes("refuses these")).length > 2, 5_000);
    expect(JSON.stringify(refusals.mock.calls)).not.toContain(PASSWORD);
    refusals.mockRestore();
    await server.stop();
    await server.configure({ config });
    const returned = new Promise<void>((resolve) => connection.onReturn(resolve));
    await server.begin();
    await returned;
    await connection.flush();
  });

  it("notices a server that stands still", async () => {
    const server = await owned(NatsServer.start());
    const connection = await owned(server.connect());
    server.signal("SIGSTOP");
    await vi.waitUntil(() => !connection.isConnected, { timeout: 10_000 });
    const returned = new Promise<void>((resolve) => connection.onReturn(resolve));
    server.signal("SIGCONT");
    await returned;
  });

  it("survives a handler that throws", async () => {
    const server = await owned(NatsServer.start());
    const connection = await owned(server.connect());
    const heard: number[] = [];
    connection.listen("planwright.default.try", {
      handler: ({ data }) => {
        heard.push(data.length);
        throw new Error("a handler's own");
      },
    });
    for (const size of [1, 2, 3]) connection.publish("planwright.default.try", Buffer.alloc(size));
    await connection.flush();
    expect(heard).toEqual([1, 2, 3]);
  });
});

function everythingOf(error: unknown): string {
  const parts: string[] = [];
  for (let next = error; next instanceof Error; next = next.cause) {
    parts.push(next.message, next.stack ?? "", JSON.stringify(next));
  }
  return parts.join("\n");
}
