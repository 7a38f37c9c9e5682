// Text cut to a number of bytes without breaking a character: messages, tails of output, lines of a log.

const MARK = "…";
const MARK_BYTES = Buffer.byteLength(MARK);

/** The first `maxBytes` bytes of UTF-8, ending with `…` where something was cut. */
export function boundedText(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return text;
  // One UTF-16 unit is at least one byte, so a longer prefix is never needed.
  const bytes = Buffer.from(text.slice(0, maxBytes)).subarray(0, Math.max(0, maxBytes - MARK_BYTES));
  return new TextDecoder().decode(bytes, { stream: true }) + MARK;
}

/** The last `maxBytes` bytes of UTF-8, beginning with `…` where something was cut. */
export function textTail(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return text;
  const bytes = Buffer.from(text.slice(-maxBytes));
  let from = bytes.length - Math.max(0, maxBytes - MARK_BYTES);
  while (from < bytes.length && isContinuation(bytes[from])) from += 1;
  return MARK + bytes.subarray(from).toString();
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
