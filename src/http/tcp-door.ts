import { isIP } from "node:net";
import { Fault } from "#events/fault.ts";
import type { Door } from "#src/http/door.ts";
import type { TcpDoor } from "#src/http/open-doors.ts";
import { tcpGuard, type TokenHashes } from "#src/http/guard.ts";
import { serve } from "#src/http/server.ts";

// HTTP over TCP: the same requests as on the local socket, for programs that speak no Unix sockets.
//
// T1. What other machines can reach is not opened without tokens.

export interface TcpDoorOptions {
  /** Name or address to listen on. */
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  readonly tokens: TokenHashes;
}

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** HTTP over TCP. Faults: `tokens-needed`, `address-unavailable`. */
export async function openTcpDoor(
  door: Omit<Door, "closing" | "guard">,
  { host, port, tokens }: TcpDoorOptions,
): Promise<TcpDoor> {
  const isLocal = isLoopback(host);
  if (!isLocal && tokens.size === 0) {
    throw new Fault("tokens-needed", `${host} can be reached from other machines; that takes tokens`);
  }
  const hosts = isLocal ? new Set([...LOOPBACK, host.toLowerCase()]) : undefined;
  const serving = await serve({ ...door, guard: tcpGuard({ hosts, tokens }) }, { host, port });
  const { address } = serving;
  const bound = typeof address === "object" && address !== null ? address.port : port;
  const name = isIP(host) === 6 ? `[${host}]` : host;
  return { url: `http://${name}:${bound}`, [Symbol.asyncDispose]: () => serving[Symbol.asyncDispose]() };
}

function isLoopback(host: string): boolean {
  return host.toLowerCase() === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
