import type { Server } from "node:http";
import type { ListenOptions } from "node:net";
import process from "node:process";
import { Fault } from "#events/fault.ts";
import { isTooLarge } from "#src/http/body.ts";
import type { Door } from "#src/http/door.ts";
import { listener } from "#src/http/listener.ts";
import { problemOf, PROBLEM_MEDIA_TYPE, type Problem } from "#src/http/problem.ts";
import { loopTurn } from "#src/ports/system/loop-turn.ts";

// A server of Node with bounds on everything that a client could stretch: header bytes and time, body time, idle and
// open connections.
//
// W1. Closing answers what can be answered at once: streams end, waits are refused as `stopping`, and whoever still
//     hangs on is cut off.

// An import of node:http evaluates all that it exports, its WebSocket among it: 30 ms that no command has to spare.
const { createServer } = process.getBuiltinModule("node:http");

const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  /** For a whole request, its body included; an answer may take as long as it wants. */
  requestTimeout: 60_000,
  keepAliveTimeout: 30_000,
  // One without is refused by the listener, with a problem document like everything that is refused.
  requireHostHeader: false,
};
const MAX_CONNECTIONS = 1_000;
/** How long closing waits for answers that are under way. */
const CLOSE_WITHIN_MS = 2_000;

export interface Serving extends AsyncDisposable {
  readonly address: ReturnType<Server["address"]>;
}

/** Faults: `address-unavailable`. */
export async function serve(door: Omit<Door, "closing">, at: ListenOptions): Promise<Serving> {
  const closing = new AbortController();
  const answer = listener({ ...door, closing: closing.signal });
  const server = createServer(LIMITS, answer);
  server.maxConnections = MAX_CONNECTIONS;
  server.on("checkContinue", (request, response) => {
    // Whoever asks before sending too much need not send it.
    if (!isTooLarge(request)) response.writeContinue();
    answer(request, response);
  });
  // An expectation that is not known is no reason to refuse (RFC 9110, 10.1.1).
  server.on("checkExpectation", answer);
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (socket.writable && error.code !== "ECONNRESET") socket.end(rawAnswer(problemFor(error.code)));
    else socket.destroy();
  });
  await listening(server, at);
  return {
    address: server.address(),
    [Symbol.asyncDispose]: async () => {
      closing.abort(new Fault("stopping", "the process that holds the store ends", { retryable: true }));
      await closed(server, door);
    },
  };
}

function listening(server: Server, at: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const where = at.path ?? `${at.host ?? ""}:${at.port ?? ""}`;
      reject(new Fault("address-unavailable", `cannot listen on ${where}: ${cause.message}`, { cause }));
    });
    server.listen(at, () => resolve());
  });
}

async function closed(server: Server, { clock }: Pick<Door, "clock">): Promise<void> {
  await takenFromBacklog(server);
  const { promise, resolve } = Promise.withResolvers<undefined>();
  server.close(() => resolve(undefined));
  server.closeIdleConnections();
  const patience = clock.after(CLOSE_WITHIN_MS, () => server.closeAllConnections(), { background: true });
  await promise;
  patience[Symbol.dispose]();
}

/** A turn of the loop takes one connection of those that the system has made; the rest would be reset. */
async function takenFromBacklog(server: Server): Promise<void> {
  let quietTurns = 0;
  const onConnection = (): void => void (quietTurns = 0);
  server.on("connection", onConnection);
  for (let turn = 0; quietTurns++ < 2 && turn < MAX_CONNECTIONS; turn++) await loopTurn();
  server.off("connection", onConnection);
}

function problemFor(code: string | undefined): Problem {
  if (code === "HPE_HEADER_OVERFLOW") {
    return problemOf(new Fault("headers-too-large", `the headers are over ${LIMITS.maxHeaderSize} bytes`));
  }
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return problemOf(new Fault("request-timeout", "the request took too long to arrive"));
  }
  return problemOf(new Fault("malformed-request", "this is not HTTP/1.1"));
}

/** An answer where there is no request to answer to. */
function rawAnswer(problem: Problem): string {
  const text = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    "connection: close",
    `content-type: ${PROBLEM_MEDIA_TYPE}`,
    `content-length: ${Buffer.byteLength(text)}`,
  ];
  return `${head.join("\r\n")}\r\n\r\n${text}`;
}
