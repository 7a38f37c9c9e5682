import { accessSync, constants } from "node:fs";
import { isIP } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import type { ConnectionOptions } from "@nats-io/transport-node";
import { Fault } from "#events/fault.ts";
import type { NatsSettings } from "#src/nats/settings.ts";

// What the client is told about TLS. Files are read again for every connection, so that new certificates are used from the next one on.
//
// L1. For a server that is addressed by its IP address the client names none to Node, which then compares the certificate with
//     `localhost`. The certificate has to be for one of the addresses in the settings instead.

type TlsOptions = NonNullable<ConnectionOptions["tls"]>;

interface WithIdentity extends TlsOptions {
  readonly checkServerIdentity: typeof checkServerIdentity;
}

/** Undefined where the settings do not ask for TLS; a server may ask for it nevertheless. Fault: `nats-tls-failed`. */
export function tlsOf({ servers, tls }: Pick<NatsSettings, "servers" | "tls">): TlsOptions | undefined {
  const isAsked = tls !== undefined || servers.some((server) => server.startsWith("tls:"));
  if (!isAsked) return undefined;
  const { ca, cert, key } = tls ?? {};
  for (const file of [ca, cert, key]) if (file !== undefined) assertReadable(file);
  const addresses = servers.map(hostOf).filter((host) => isIP(host) !== 0);
  const options: WithIdentity = {
    ...(ca === undefined ? {} : { caFile: ca }),
    ...(cert === undefined ? {} : { certFile: cert }),
    ...(key === undefined ? {} : { keyFile: key }),
    checkServerIdentity: (name, certificate) => {
      const isNamed = addresses.length === 0 || servers.map(hostOf).includes(name);
      return isNamed ? checkServerIdentity(name, certificate) : problemWithAll(addresses, certificate);
    },
  };
  return options;
}

function assertReadable(file: string): void {
  try {
    accessSync(file, constants.R_OK);
  } catch (cause) {
    throw new Fault("nats-tls-failed", `${file} cannot be read; check ca, cert and key under nats.tls`, {
      retryable: true,
      details: { file },
      cause,
    });
  }
}

function problemWithAll(addresses: readonly string[], certificate: PeerCertificate): Error | undefined {
  const problems = addresses.map((address) => checkServerIdentity(address, certificate));
  return problems.includes(undefined) ? undefined : problems[0];
}

function hostOf(server: string): string {
  const host = server.replace(/^\w+:\/\//, "").replace(/\/$/, "");
  return host.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
