import { afterAll, afterEach, beforeAll } from "vitest";
import type { NatsConnection } from "#src/nats/connection.ts";
import { NatsServer } from "./server.ts";

/** A server for a file of tests, and connections that end with each of them; one without a namespace gets one of its own. */
export function natsForTests(prefix: string): NatsForTests {
  let server: NatsServer;
  let namespaces = 0;
  const connections: NatsConnection[] = [];
  beforeAll(async () => {
    server = await NatsServer.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  afterEach(async () => {
    for (const connection of connections.splice(0)) await connection[Symbol.asyncDispose]();
    await server.begin();
  });
  const newNamespace = (): string => `${prefix}${++namespaces}`;
  const connect = async (namespace = newNamespace()): Promise<NatsConnection> => {
    const connection = await server.connect({ namespace });
    connections.push(connection);
    return connection;
  };
  return { server: () => server, connections, newNamespace, connect };
}

interface NatsForTests {
  /** From the first test on. */
  readonly server: () => NatsServer;
  /** Those of the test that runs; what it adds ends with it as well. */
  readonly connections: NatsConnection[];
  readonly newNamespace: () => string;
  readonly connect: (namespace?: string) => Promise<NatsConnection>;
}
