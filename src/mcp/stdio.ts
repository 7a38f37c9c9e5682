import type { Readable, Writable } from "node:stream";
import { deserializeMessage, serializeMessage } from "@modelcontextprotocol/sdk/shared/stdio.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { serveMcp, type McpConnection } from "#src/mcp/server.ts";
import type { McpDoor } from "#src/mcp/session.ts";

// Messages as lines of two streams: what a client has that started this process.
//
// I1. The end of the input is the end of the connection; so is an output that nobody reads any more.
// I2. A line that is no message, or longer than the limit, is told to the log and left out; the next one is read. Never more
//     than the limit is held, and what was held is looked at once.

/** As much as a request over HTTP may have. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const NEWLINE = 0x0a;

export interface McpStreams {
  readonly input: Readable;
  readonly output: Writable;
}

/** Serves the client behind the streams, until they end or this is disposed of. */
export async function serveStreams(door: McpDoor, streams: McpStreams): Promise<McpConnection> {
  const connection = await serveMcp(door, new LineTransport(streams));
  const end = (): void => void connection[Symbol.asyncDispose]();
  const { input, output } = streams;
  input.once("end", end).once("close", end).once("error", end);
  output.once("error", end).once("close", end);
  return connection;
}

class LineTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  private readonly streams: McpStreams;
  private readonly onData = (chunk: Buffer): void => this.take(chunk);
  /** Of the line that has not ended. */
  private parts: Buffer[] = [];
  private bytes = 0;

  constructor(streams: McpStreams) {
    this.streams = streams;
  }

  async start(): Promise<void> {
    this.streams.input.on("data", this.onData);
  }

  /** Resolves when there is room for more. */
  async send(message: JSONRPCMessage): Promise<void> {
    const { output } = this.streams;
    if (output.write(serializeMessage(message)) || output.destroyed) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const done = (): void => resolve(undefined);
    output.once("drain", done).once("close", done);
    await promise;
    output.off("drain", done).off("close", done);
  }

  async close(): Promise<void> {
    this.streams.input.off("data", this.onData).pause();
    this.parts = [];
    this.onclose?.();
  }

  private take(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      this.hold(chunk.subarray(from, end));
      this.endLine();
      from = end + 1;
    }
    this.hold(chunk.subarray(from));
  }

  private hold(part: Buffer): void {
    this.bytes += part.length;
    if (this.bytes > MAX_LINE_BYTES) this.parts = [];
    else if (part.length > 0) this.parts.push(part);
  }

  private endLine(): void {
    const { bytes } = this;
    const line = Buffer.concat(this.parts).toString("utf8").trim();
    this.parts = [];
    this.bytes = 0;
    if (bytes > MAX_LINE_BYTES) {
      this.onerror?.(new Error(`a line of ${bytes} bytes is over the limit of ${MAX_LINE_BYTES}`));
    } else if (line !== "") this.read(line);
  }

  private read(line: string): void {
    try {
      this.onmessage?.(deserializeMessage(line));
    } catch (error) {
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
