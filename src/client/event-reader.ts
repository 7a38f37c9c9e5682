// Server-sent events (WHATWG HTML, 9.2.6) out of a stream of bytes.
//
// E1. An event counts when the empty line behind it has come: what a broken connection cut off is not one.

export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/** Events in order, until the bytes end. Rejects with what the bytes reject with. */
export async function* serverEvents(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  let pending = new PendingEvent();
  for await (const chunk of bytes) {
    const text = decoder.decode(chunk, { stream: true });
    parts.push(text);
    if (!/[\r\n]/.test(text)) continue;
    const lines = parts.join("").split(/\r\n|\n|\r(?!$)/);
    parts = [lines.pop() ?? ""];
    for (const line of lines) {
      const done = pending.take(line);
      if (line !== "") continue;
      pending = new PendingEvent();
      if (done !== undefined) yield done;
    }
  }
}

class PendingEvent {
  private event = "message";
  private readonly data: string[] = [];

  /** The event that the line ends, where it is empty and there is one. */
  take(line: string): ServerEvent | undefined {
    if (line === "") return this.data.length === 0 ? undefined : { event: this.event, data: this.data.join("\n") };
    const [, field = "", value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (field === "event") this.event = value;
    if (field === "data") this.data.push(value);
    return undefined;
  }
}
