import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameReader, frameOf } from "#src/executor/isolation/frames.ts";
import type { CellCommand } from "#src/executor/isolation/messages.ts";

const LIMIT = 1_000;

function secretOf(value: string): CellCommand {
  return { kind: "secret", run: 1, id: 1, value };
}

function framesOf(messages: readonly CellCommand[]): Buffer {
  return Buffer.concat(messages.map((message) => frameOf(message, LIMIT) ?? Buffer.alloc(0)));
}

describe("messages on a pipe", () => {
  it("arrive as they were, however the pipe cuts them", () => {
    const texts = fc.array(fc.string({ unit: "grapheme", maxLength: 40 }), { maxLength: 8 });
    fc.assert(
      fc.property(texts, fc.array(fc.nat({ max: 60 }), { minLength: 1 }), (values, cuts) => {
        const messages = values.map(secretOf);
        const bytes = framesOf(messages);
        const reader = new FrameReader(LIMIT);
        const read: unknown[] = [];
        let at = 0;
        for (let turn = 0; at < bytes.length; turn++) {
          const end = turn < cuts.length ? at + (cuts[turn] ?? 0) : bytes.length;
          read.push(...reader.read(bytes.subarray(at, end)));
          at = Math.min(end, bytes.length);
        }
        expect(read).toEqual(messages);
      }),
    );
  });

  it("are not made over the limit", () => {
    const around = JSON.stringify(secretOf("")).length;
    expect(frameOf(secretOf("x".repeat(LIMIT - around)), LIMIT)).toHaveLength(4 + LIMIT);
    expect(frameOf(secretOf("x".repeat(LIMIT - around + 1)), LIMIT)).toBeUndefined();
  });

  it("are refused over the limit as soon as their length is known", () => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(LIMIT + 1);
    expect(() => [...new FrameReader(LIMIT).read(length)]).toThrow(RangeError);
  });

  it("are refused where they are no JSON", () => {
    expect(() => [...new FrameReader(LIMIT).read(Buffer.from("\0\0\0\x02hi"))]).toThrow(SyntaxError);
  });
});
