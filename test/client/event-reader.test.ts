import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { serverEvents, type ServerEvent } from "#src/client/event-reader.ts";

async function read(pieces: readonly Uint8Array[]): Promise<ServerEvent[]> {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield* pieces;
  }
  const events: ServerEvent[] = [];
  for await (const event of serverEvents(bytes())) events.push(event);
  return events;
}

const line = fc.string({ unit: "binary" }).map((text) => text.replaceAll(/[\r\n\0]/g, ""));

describe("a reader of server-sent events", () => {
  it("finds the same events however the bytes are cut, and wherever lines end", async () => {
    const event = fc.record({ event: fc.constantFrom("fact", "live"), data: line });
    const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 });
    const ends = fc.constantFrom("\n", "\r\n");
    await fc.assert(
      fc.asyncProperty(fc.array(event), cuts, ends, async (events, sizes, end) => {
        const text = events
          .map(({ event: name, data }) => `: comment${end}id: 1${end}event: ${name}${end}data: ${data}${end}${end}`)
          .join("");
        const bytes = new TextEncoder().encode(text);
        const pieces: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length]!;
          pieces.push(bytes.slice(at, at + size));
          at += size;
        }
        expect(await read(pieces)).toEqual(events);
      }),
    );
  });

  it("gives nothing of an event that was cut off", async () => {
    const bytes = (text: string) => [new TextEncoder().encode(text)];
    expect(await read(bytes("event: fact\ndata: 1\n\nevent: fact\ndata: 2\n"))).toEqual([{ event: "fact", data: "1" }]);
    expect(await read(bytes("retry: 1000\n\n: nothing\n\n"))).toEqual([]);
    expect(await read(bytes("data: a\ndata: b\n\n"))).toEqual([{ event: "message", data: "a\nb" }]);
  });
});
