// HTTP as any program sends it, also wrongly.
import { request, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { connect, type Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
}

export interface RawRequest {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  /** Bytes of zeros instead of a body, in pieces, announced or not. */
  readonly zeros?: { readonly bytes: number; readonly isAnnounced: boolean };
}

const PIECE = Buffer.alloc(256 * 1024, "0");

/** Resolves with the answer, whenever it comes: what is left to send then is not sent. */
export function ask(url: string, { method = "GET", headers = {}, body, zeros }: RawRequest = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const announced = zeros?.isAnnounced === true ? { "content-length": zeros.bytes } : {};
    const sent = request(url, { method, headers: { ...announced, ...headers } });
    let isAnswered = false;
    sent.on("response", (answer) => {
      isAnswered = true;
      read(answer).then((given) => {
        sent.destroy();
        resolve(given);
      }, reject);
    });
    sent.on("error", (error) => (isAnswered ? undefined : reject(error)));
    if (zeros === undefined) sent.end(body);
    else void pour(sent, zeros.bytes, () => isAnswered);
  });
}

/** Whoever answered early does not get the rest. */
async function pour(sent: ReturnType<typeof request>, bytes: number, isOver: () => boolean): Promise<void> {
  function* pieces(): Generator<Buffer> {
    for (let left = bytes; left > 0 && !isOver(); left -= PIECE.length) yield PIECE.subarray(0, left);
  }
  await pipeline(Readable.from(pieces()), sent).catch(() => undefined);
}

async function read(answer: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  const isJson = /json/.test(answer.headers["content-type"] ?? "");
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: isJson ? JSON.parse(text) : text };
}

/** A connection on which the bytes are written as they are. */
export function dial(url: string, bytes: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(bytes);
      resolve(socket);
    });
    socket.once("error", reject);
  });
}

/** Everything that comes until the other side ends it. */
export async function readAll(socket: Socket): Promise<string> {
  let text = "";
  for await (const chunk of socket as AsyncIterable<Buffer>) text += chunk.toString("utf8");
  return text;
}
