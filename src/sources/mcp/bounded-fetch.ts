import type { FetchLike } from "@modelcontextprotocol/sdk/shared/transport.js";

// The answers of an MCP server over HTTP, bounded in size: a whole body that is one message, or each event of a stream that need
// not end.

const MAX_MESSAGE_BYTES = 24 * 1024 * 1024;
const LINE_END = 0x0a;
const RETURN = 0x0d;

/** `tell` hears why a body was cut. */
export function boundedFetch(tell: (error: Error) => void, inner: FetchLike = fetch): FetchLike {
  return async (url, init) => {
    const answer = await inner(url, init);
    if (answer.body === null) return answer;
    const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream") === true;
    const { status, statusText, headers } = answer;
    return new Response(answer.body.pipeThrough(bounded(isStream, tell)), { status, statusText, headers });
  };
}

function bounded(isStream: boolean, tell: (error: Error) => void): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes = isStream ? sinceBlankLine(bytes, chunk) : bytes + chunk.length;
      if (bytes <= MAX_MESSAGE_BYTES) {
        controller.enqueue(chunk);
        return;
      }
      const error = new Error(`the server sent a message of more than ${MAX_MESSAGE_BYTES} bytes`);
      tell(error);
      controller.error(error);
    },
  });
}

/** An event ends with an empty line. One that is cut just there counts a little too much, which does no harm. */
function sinceBlankLine(before: number, chunk: Uint8Array): number {
  for (let index = chunk.length - 1; index > 0; index--) {
    if (chunk[index] !== LINE_END) continue;
    const isBlank = chunk[index - 1] === LINE_END || (chunk[index - 1] === RETURN && chunk[index - 2] === LINE_END);
    if (isBlank) return chunk.length - index - 1;
  }
  return before + chunk.length;
}
