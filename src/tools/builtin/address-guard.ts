// Which addresses the http tools may reach. The decision is taken where the connection is made, on the very address that
// is connected to, so that a name which resolves differently a moment later (DNS rebinding) gains nothing.
//
// A1. Unless the user allows the private network, only globally reachable unicast addresses pass: 2000::/3 and public
//     IPv4 (RFC 6890 and the registries behind ipaddr.js). Mapped, translated and tunnelled forms of IPv4 are refused
//     or judged as the IPv4 address they are.
// A2. A name with one refused address among its addresses is refused as a whole.

import dns from "node:dns";
import type { LookupFunction } from "node:net";
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { ToolFailure } from "../define.ts";

const GLOBAL_UNICAST_V6: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("2000::"), 3];

export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== "unicast") return false;
  return parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_UNICAST_V6);
}

/** The wall around a request: asked for every hop, and for every connection that is made. */
export interface AddressGuard {
  /** Throws `private-address` when the host is an address, which no lookup will ever see. */
  refuseHost(hostname: string): void;
  /** The lookup of a socket that may only go to allowed addresses. */
  readonly lookup: LookupFunction;
}

export type Resolve = (
  hostname: string,
  options: dns.LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: dns.LookupAddress[]) => void,
) => void;

/** `resolve` answers for names; default: as the system does. */
export function addressGuard(isAllowed: (address: string) => boolean, resolve: Resolve = dns.lookup): AddressGuard {
  return {
    refuseHost: (hostname) => {
      const bare = hostname.replace(/^\[|\]$/g, "");
      if (isIP(bare) !== 0 && !isAllowed(bare)) throw privateAddress(hostname);
    },
    lookup: (hostname, options, callback) => {
      resolve(hostname, { ...options, all: true }, (error, addresses) => {
        if (error !== null) {
          callback(error, "", 0);
          return;
        }
        const [first] = addresses;
        const areAllowed = addresses.every(({ address }) => isAllowed(address));
        if (!areAllowed || first === undefined) callback(privateAddress(hostname), "", 0);
        else if (options.all === true) callback(null, addresses);
        else callback(null, first.address, first.family);
      });
    },
  };
}

export const PUBLIC_ONLY = addressGuard(isPublicAddress);

function privateAddress(host: string): ToolFailure {
  const message = `${host}: is not a public address; the private network is not allowed here`;
  return new ToolFailure("permission", message, { code: "private-address" });
}
