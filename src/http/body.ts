import type { IncomingMessage } from "node:http";
import { Fault } from "#events/fault.ts";
import { isJsonObject, type JsonObject } from "#events/json.ts";

// The body of a request, as a JSON object.
//
// B1. Never more than the limit is held: a length that is announced is refused before anything is read, and one that
//     is not as soon as it is passed.
// B2. Only JSON is taken: a form that a browser sends across origins without asking is refused by its media type.

/** A plan of 4 MiB whose text is escaped, its inputs, and the plans that it calls. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;

const JSON_MEDIA_TYPE = /^application\/json\s*(?:;|$)/i;

/** Faults: `request-too-large`, `unsupported-media-type`, `malformed-body`. An empty body is an empty object. */
export async function readBody(request: IncomingMessage): Promise<JsonObject> {
  if (isTooLarge(request)) throw tooLarge();
  const isEmpty = request.headers["content-length"] === "0" || isWithoutBody(request);
  if (isEmpty) return {};
  const type = request.headers["content-type"] ?? "";
  if (!JSON_MEDIA_TYPE.test(type)) {
    throw new Fault("unsupported-media-type", "send JSON, with the header content-type: application/json");
  }
  return parsed(await read(request));
}

/** By the length that it announces. */
export function isTooLarge({ headers }: IncomingMessage): boolean {
  return Number(headers["content-length"] ?? 0) > MAX_BODY_BYTES;
}

function tooLarge(): Fault {
  return new Fault("request-too-large", `the body is over the limit of ${MAX_BODY_BYTES} bytes`);
}

/** Rejects as soon as it is too much; the rest is left for whoever answers to throw away. */
function read(request: IncomingMessage): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) {
      chunks.length = 0;
      reject(tooLarge());
    } else chunks.push(chunk);
  });
  request.on("end", () => resolve(Buffer.concat(chunks)));
  request.on("error", () => reject(new Fault("malformed-body", "the client went away in the middle of its body")));
  return promise;
}

function isWithoutBody({ headers }: IncomingMessage): boolean {
  return headers["content-length"] === undefined && headers["transfer-encoding"] === undefined;
}

function parsed(bytes: Buffer): JsonObject {
  const read = parse(bytes);
  if (isJsonObject(read)) return read;
  throw new Fault("malformed-body", "the body is not a JSON object");
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("malformed-body", `the body is not JSON: ${why}`, { cause });
  }
}
