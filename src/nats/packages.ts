import type * as JetStreamPackage from "@nats-io/jetstream";
import type * as KeyValuePackage from "@nats-io/kv";
import type * as TransportPackage from "@nats-io/transport-node";
import { Fault } from "#events/fault.ts";

// The client's packages, loaded when they are needed: they are optional, and who does not use NATS need not have them. Of each only
// what is used here is known.

type Transport = Pick<
  typeof TransportPackage,
  | "connect"
  | "credsAuthenticator"
  | "headers"
  | "nkeyAuthenticator"
  | "nuid"
  | "tokenAuthenticator"
  | "usernamePasswordAuthenticator"
>;
type JetStream = Pick<typeof JetStreamPackage, "jetstream" | "jetstreamManager">;
type KeyValue = Pick<typeof KeyValuePackage, "Kvm">;

/** Fault of all: `nats-client-missing`. */
export function loadTransport(): Promise<Transport> {
  return loaded(() => import("@nats-io/transport-node"));
}

export function loadJetStream(): Promise<JetStream> {
  return loaded(() => import("@nats-io/jetstream"));
}

export function loadKeyValue(): Promise<KeyValue> {
  return loaded(() => import("@nats-io/kv"));
}

async function loaded<Module>(load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    throw new Fault(
      "nats-client-missing",
      "the client of NATS is not installed; run `npm install @nats-io/transport-node @nats-io/jetstream @nats-io/kv`",
      { cause },
    );
  }
}
