import type { Authenticator } from "@nats-io/transport-node";
import { Fault } from "#events/fault.ts";
import type { Log } from "#src/ports/log.ts";
import { loadTransport } from "#src/nats/packages.ts";
import type { NatsSettings } from "#src/nats/settings.ts";
import type { SecretPlace } from "#src/ports/secret-place.ts";
import { secretAt } from "#src/ports/system/secret-at.ts";

// Who this is, for the server.
//
// K1. Secrets are read again for every connection, so that one that was changed is used from the next one on.
// K2. An authenticator that throws ends the client for good. After the first connection a secret that cannot be read is
//     a line in the log, and the last one that could be read is used.
// K3. No message has a secret in it; the place where one is kept may be named.

type Secrets = Pick<NatsSettings, "token" | "user" | "password" | "nkey" | "creds">;

/** Faults: `nats-credentials-invalid`, `nats-client-missing`. */
export async function authenticatorOf(secrets: Secrets, log: Log): Promise<Authenticator | undefined> {
  assertOneKind(secrets);
  const make = await makerOf(secrets);
  if (make === undefined) return undefined;
  let known = attempted(make);
  return (nonce) => {
    try {
      known = attempted(make);
    } catch (error) {
      log.warn("credentials of NATS cannot be read again; the last ones are used", { error });
    }
    return known(nonce);
  };
}

async function makerOf(secrets: Secrets): Promise<(() => Authenticator) | undefined> {
  const { token, user, password, nkey, creds } = secrets;
  const client = await loadTransport();
  if (token !== undefined) return () => client.tokenAuthenticator(secretOf(token));
  if (nkey !== undefined) return () => client.nkeyAuthenticator(Buffer.from(secretOf(nkey)));
  if (creds !== undefined) return () => client.credsAuthenticator(Buffer.from(`${secretOf(creds)}\n`));
  if (user === undefined) return undefined;
  return () =>
    client.usernamePasswordAuthenticator(
      typeof user === "string" ? user : secretOf(user),
      password === undefined ? undefined : secretOf(password),
    );
}

/** Signs something once: a seed that is none shows here, and not in the middle of connecting. */
function attempted(make: () => Authenticator): Authenticator {
  try {
    const authenticator = make();
    authenticator("nonce");
    return authenticator;
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    // What the client says about a seed is not repeated: it is about a secret.
    throw invalid("the nkey's seed or the credentials file are not what they should be");
  }
}

function assertOneKind({ token, user, password, nkey, creds }: Secrets): void {
  const kinds = [token, user, nkey, creds].filter((kind) => kind !== undefined);
  if (kinds.length > 1) throw invalid("token, user, nkey and creds exclude each other");
  if (password !== undefined && user === undefined) throw invalid("there is a password, but no user");
}

function secretOf(place: SecretPlace): string {
  const found = secretAt(place);
  if ("value" in found) return found.value;
  throw invalid(found.why, found.cause);
}

function invalid(why: string, cause?: unknown): Fault<"nats-credentials-invalid"> {
  return new Fault("nats-credentials-invalid", `credentials for NATS: ${why}`, { cause });
}
