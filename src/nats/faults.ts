import { Fault } from "#events/fault.ts";

// What the client and the server throw, as faults. Told apart by name and by code, never by class: the classes come from a
// package that is loaded when it is needed.
//
// F1. No credential is in a message: neither ours has one, nor does the client's.
// F2. What a person has to change is retryable all the same: then it goes on by itself.

interface ClientError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
}

/** JetStream's own codes: https://github.com/nats-io/nats-server/blob/main/server/errors.json */
export const JETSTREAM = {
  noMessage: 10_037,
  notEnabledForAccount: 10_039,
  notEnabled: 10_076,
  streamNotFound: 10_059,
  nameInUse: 10_058,
  wrongLastSequence: 10_071,
  messageNotDeleted: 10_057,
  sequenceNotFound: 10_043,
  /** No more space, for the account or for the stream. */
  full: [10_002, 10_023, 10_028, 10_047, 10_077],
} as const;

const REFUSED = new Set(["AuthorizationError", "UserAuthenticationExpiredError"]);
const TLS_CODE = /CERT|TLS|SSL|SIGNATURE|SIGNED/;

/** What went wrong while something was done, as a fault; a fault passes unchanged. Codes: `nats-*`. */
export function natsFault(error: unknown, servers: string, doing: string): Fault {
  if (isFault(error)) return error;
  const found = chain(error);
  const options = { retryable: true, details: { servers }, cause: error };
  if (found.some(({ name }) => REFUSED.has(String(name)))) {
    return new Fault(
      "nats-access-denied",
      `${servers} refuses these credentials (${doing}); check user, token, nkey or creds of the configuration's nats`,
      options,
    );
  }
  const violation = found.find(({ name }) => name === "PermissionViolationError");
  if (violation !== undefined) {
    return new Fault(
      "nats-access-denied",
      `${servers} does not allow this (${doing}): ${textOf(violation)}; compare the user's permissions with docs/nats.md`,
      options,
    );
  }
  if (found.some(isOfTls)) {
    return new Fault(
      "nats-tls-failed",
      `no TLS with ${servers} (${doing}): ${textOf(error)}; check ca, cert and key under nats.tls, and the server's name`,
      options,
    );
  }
  if (found.some(isWithoutJetStream)) return withoutJetStream(servers, error);
  return new Fault("nats-unavailable", `${servers} did not answer (${doing}): ${textOf(error)}`, options);
}

export function closedFault(servers: string): Fault<"nats-unavailable"> {
  return new Fault("nats-unavailable", `the connection to ${servers} was closed`, { details: { servers } });
}

/** Whether the server answered with this code of JetStream. */
export function isJetStreamError(error: unknown, ...codes: readonly number[]): boolean {
  return chain(error).some(({ code }) => typeof code === "number" && codes.includes(code));
}

function isFault(error: unknown): error is Fault {
  return error instanceof Fault;
}

function withoutJetStream(servers: string, cause: unknown): Fault<"nats-jetstream-missing"> {
  return new Fault(
    "nats-jetstream-missing",
    `${servers} runs without JetStream, which leases, blobs and requests need; start it with a jetstream block, and enable it for the account`,
    { retryable: true, details: { servers }, cause },
  );
}

function isWithoutJetStream({ name, code }: ClientError): boolean {
  return name === "JetStreamNotEnabled" || code === JETSTREAM.notEnabled || code === JETSTREAM.notEnabledForAccount;
}

function isOfTls({ code, message }: ClientError): boolean {
  if (typeof code === "string" && TLS_CODE.test(code)) return true;
  return typeof message === "string" && /'tls'|\btls\b|certificate/i.test(message);
}

const MAX_CAUSES = 5;

function chain(error: unknown): readonly ClientError[] {
  const found: ClientError[] = [];
  for (let next = error; typeof next === "object" && next !== null && found.length < MAX_CAUSES;) {
    const at: ClientError = next;
    found.push(at);
    next = at.cause;
  }
  return found;
}

export function textOf(error: unknown): string {
  const [first] = chain(error);
  return typeof first?.message === "string" && first.message !== "" ? first.message : String(error);
}
