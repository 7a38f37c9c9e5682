import { Fault } from "#events/fault.ts";

// What the client and the server throw, as faults of the port. Told apart by `type` or by gRPC's `code`, never by class: a server that
// is down answers an append with gRPC's own error, which has no `type`.
//
// gRPC's status codes: https://grpc.github.io/grpc/core/md_doc_statuscodes.html

const GRPC_UNKNOWN = 2;
const GRPC_INVALID_ARGUMENT = 3;
const GRPC_PERMISSION_DENIED = 7;
const GRPC_UNAUTHENTICATED = 16;

interface ServerError {
  readonly type?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
}

export function isOfType(error: unknown, ...types: readonly string[]): boolean {
  const { type } = serverError(error);
  return typeof type === "string" && types.includes(type);
}

/** For reading: nothing was changed, and trying again may help. A fault passes unchanged. */
export function readFault(error: unknown, server: string): Fault {
  if (isFault(error)) return error;
  return (
    refusedFault(error, server) ??
    new Fault("store-unavailable", `${server} did not answer a read: ${textOf(error)}`, {
      retryable: true,
      details: { server },
      cause: error,
    })
  );
}

/** For an append: unless the server said no, it may have been written. */
export function appendFault(error: unknown, server: string): Fault {
  if (isFault(error)) return error;
  return (
    refusedFault(error, server) ??
    new Fault(
      "append-unknown",
      `${server} did not answer an append: ${textOf(error)}; send the identical batch again`,
      {
        retryable: true,
        details: { server },
        cause: error,
      },
    )
  );
}

/** What cannot be mended by trying again: the stream is not as it was written. */
export function damagedStream(stream: string, server: string, what: string): Fault<"store-damaged"> {
  return new Fault(
    "store-damaged",
    `the stream ${stream} on ${server} ${what}; it was truncated, deleted or written to elsewhere`,
    {
      details: { server, stream },
    },
  );
}

/** What a subscription is told that begins at no event: by 24.2 as it is, by 23.10 as an exception of whatever kind. */
export function mayBeBadPosition(error: unknown): boolean {
  const { code } = serverError(error);
  return code === GRPC_INVALID_ARGUMENT || code === GRPC_UNKNOWN;
}

/** What a person has to change; it is tried again all the same, because then it goes on by itself. */
function refusedFault(error: unknown, server: string): Fault | undefined {
  const { code } = serverError(error);
  if (isOfType(error, "stream-deleted", "stream-tombstoned"))
    return damagedStream("that was asked for", server, "is deleted");
  const isRefused =
    isOfType(error, "access-denied") || code === GRPC_PERMISSION_DENIED || code === GRPC_UNAUTHENTICATED;
  if (!isRefused) return undefined;
  return new Fault(
    "store-access-denied",
    `${server} refuses these credentials: ${textOf(error)}; check the user and password of its URL and what it may do`,
    { retryable: true, details: { server }, cause: error },
  );
}

export function closedFault(server: string): Fault<"store-unavailable"> {
  return new Fault("store-unavailable", `the connection to ${server} was closed`, { details: { server } });
}

function isFault(error: unknown): error is Fault {
  return error instanceof Fault;
}

function serverError(error: unknown): ServerError {
  return typeof error === "object" && error !== null ? error : {};
}

function textOf(error: unknown): string {
  const { message, type } = serverError(error);
  if (isOfType(error, "unavailable")) return "it is down, chooses a leader, or does not speak as the URL says (tls)";
  if (typeof message === "string" && message !== "") return message;
  return typeof type === "string" ? type : String(error);
}
