import { createHash, timingSafeEqual } from "node:crypto";
import { Fault } from "#events/fault.ts";

// Who may ask, and in whose name.
//
// G1. The local socket lies in a folder of mode 0700 and has mode 0600: whoever reaches it is the user of the operating
//     system that the process runs as (or the superuser), and that is the principal.
// G2. Over TCP a token says who it is. Without tokens only loopback is served, and the principal says that nobody was
//     authenticated: any user of the machine may have asked.
// G3. On loopback the Host must be a name of loopback, and an Origin must be this server's own: a web page that the user
//     happens to visit, and a name that it makes point here (DNS rebinding), get nothing. Elsewhere a token is needed,
//     which such a page does not have.

/** What is looked at of a request. */
interface Asked {
  readonly headers: Readonly<Partial<Record<"host" | "origin" | "authorization", string | undefined>>> & {
    readonly "sec-fetch-site"?: string | readonly string[] | undefined;
  };
}

export interface Guard {
  /** The principal. Faults: `foreign-host`, `foreign-origin`, `unauthenticated`. */
  admit(request: Asked): string;
}

/** Principals by the SHA-256 of their token, hex. */
export type TokenHashes = ReadonlyMap<string, string>;

const UNAUTHENTICATED = "http:loopback";

export function socketGuard(actor: string): Guard {
  return { admit: () => actor };
}

export interface TcpGuardOptions {
  /** Names and addresses under which the server is reached, without port, lower case; undefined for any. */
  readonly hosts: ReadonlySet<string> | undefined;
  /** Empty: everybody on this machine is served as `http:loopback`. */
  readonly tokens: TokenHashes;
}

export function tcpGuard({ hosts, tokens }: TcpGuardOptions): Guard {
  return {
    admit: (request) => {
      if (hosts !== undefined) assertHost(request, hosts);
      assertOrigin(request);
      return tokens.size === 0 ? UNAUTHENTICATED : principalOf(request, tokens);
    },
  };
}

function assertHost({ headers }: Asked, hosts: ReadonlySet<string>): void {
  const host = headers.host ?? "";
  if (hosts.has(nameOf(host))) return;
  throw new Fault("foreign-host", `this server is not ${JSON.stringify(host)}; it answers to ${[...hosts].join(", ")}`);
}

function assertOrigin({ headers }: Asked): void {
  const { origin } = headers;
  const isForeign = origin !== undefined && origin !== `http://${headers.host ?? ""}`;
  if (!isForeign && headers["sec-fetch-site"] !== "cross-site") return;
  throw new Fault("foreign-origin", "a page of another origin may not ask here");
}

function principalOf({ headers }: Asked, tokens: TokenHashes): string {
  const [, token] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "") ?? [];
  if (token === undefined) throw new Fault("unauthenticated", "send a token: Authorization: Bearer TOKEN");
  const hash = Buffer.from(hashOfToken(token), "hex");
  for (const [known, principal] of tokens) {
    if (timingSafeEqual(hash, Buffer.from(known, "hex"))) return principal;
  }
  throw new Fault("unauthenticated", "nobody has this token");
}

export function hashOfToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Without the port; an IPv6 address keeps its brackets. */
function nameOf(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, "");
}
