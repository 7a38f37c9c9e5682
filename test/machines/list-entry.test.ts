import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "#events/json.ts";
import { blobRef, countOf, type BlobRef, type ListPart, type Payload } from "#events/payload.ts";
import { entryOf } from "#machines/list-entry.ts";

const refOf = (number: number): BlobRef => blobRef.parse(number.toString(16).padStart(64, "0"));

/** Blobs in memory, and which of them were asked for. */
class Shelf {
  readonly loaded = new Map<string, Json>();
  readonly asked: string[] = [];

  put(value: Json): { readonly blob: BlobRef; readonly bytes: number } {
    const blob = refOf(this.loaded.size + 1);
    this.loaded.set(blob, value);
    return { blob, bytes: 1 };
  }

  get(ref: string): Json | undefined {
    this.asked.push(ref);
    return this.loaded.get(ref);
  }
}

type Piece = { readonly kind: "inline" | "blob"; readonly entries: number } | { readonly kind: "item" };

const pieces = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constantFrom("inline" as const, "blob" as const), entries: fc.nat({ max: 4 }) }),
    fc.constant({ kind: "item" as const }),
  ),
  { maxLength: 8 },
);

/** Parts whose entries are the numbers from 0. */
function partsOf(cut: readonly Piece[], shelf: Shelf): ListPart[] {
  let next = 0;
  return cut.map((piece): ListPart => {
    if (piece.kind === "item") return { item: shelf.put(next++) };
    const run = Array.from({ length: piece.entries }, () => next++);
    return { items: piece.kind === "blob" ? shelf.put(run) : { inline: run }, count: run.length };
  });
}

describe("an entry of a list", () => {
  it("is the same wherever the list is cut, and null beyond its end", () => {
    fc.assert(
      fc.property(pieces, fc.boolean(), (cut, isKept) => {
        const shelf = new Shelf();
        const parts = partsOf(cut, shelf);
        const count = countOf(parts);
        const list: Payload = isKept ? { list: shelf.put(parts).blob, count, bytes: 1 } : { parts, count };
        for (let index = 0; index < count; index++) {
          expect(entryOf(list, index, shelf)).toEqual({ kind: "value", value: index });
        }
        for (const beyond of [count, count + 1, -1]) {
          expect(entryOf(list, beyond, shelf)).toEqual({ kind: "value", value: null });
        }
      }),
    );
  });

  it("of a list that is a value or one blob is found in it", () => {
    const shelf = new Shelf();
    expect(entryOf({ inline: ["a", "b"] }, 1, shelf)).toEqual({ kind: "value", value: "b" });
    expect(entryOf(shelf.put(["a", "b"]), 1, shelf)).toEqual({ kind: "value", value: "b" });
    expect(entryOf({ inline: { a: 1 } }, 0, shelf)).toEqual({ kind: "value", value: null });
  });

  it("asks for the names of the parts, then for the one part that has it, and for no other", () => {
    const shelf = new Shelf();
    const parts = partsOf(Array(5).fill({ kind: "blob", entries: 3 }), shelf);
    const held = [...shelf.loaded];
    shelf.loaded.clear();
    const list: Payload = { list: refOf(99), count: 15, bytes: 1 };
    expect(entryOf(list, 7, shelf)).toEqual({ kind: "missing", refs: [refOf(99)] });
    shelf.loaded.set(refOf(99), parts);
    const [third, entries] = held[2]!;
    expect(entryOf(list, 7, shelf)).toEqual({ kind: "missing", refs: [third] });
    shelf.loaded.set(third, entries);
    expect(entryOf(list, 7, shelf)).toEqual({ kind: "value", value: 7 });
    expect(new Set(shelf.asked)).toEqual(new Set([refOf(99), third]));
  });

  it.each([[{ not: "parts" }], ["text"], [7], [null], [[{ neither: "item" }]]])(
    "of what is no list of parts is null: %j",
    (source) => {
      const shelf = new Shelf();
      shelf.loaded.set(refOf(1), source);
      expect(entryOf({ list: refOf(1), count: 3, bytes: 1 }, 0, shelf)).toEqual({ kind: "value", value: null });
    },
  );

  it("asks for the one blob that a list is", () => {
    const shelf = new Shelf();
    expect(entryOf({ blob: refOf(7), bytes: 1 }, 1, shelf)).toEqual({ kind: "missing", refs: [refOf(7)] });
  });

  it("is found without going over the names of the parts again as long as they are in memory", () => {
    const shelf = new Shelf();
    let reads = 0;
    const seen = new Proxy(partsOf(Array<Piece>(50).fill({ kind: "inline", entries: 2 }), shelf), {
      get: (target, name, self) => {
        reads++;
        return Reflect.get(target, name, self) as unknown;
      },
    });
    const list: Payload = { parts: seen, count: 100 };
    expect(entryOf(list, 0, shelf)).toEqual({ kind: "value", value: 0 });
    const before = reads;
    for (let index = 0; index < 100; index++)
      expect(entryOf(list, index, shelf)).toEqual({ kind: "value", value: index });
    expect(reads).toBe(before);
  });
});
