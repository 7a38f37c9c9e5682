import { describe, expect, it } from "vitest";
import type { Json } from "#events/json.ts";
import {
  blobRef,
  countOf,
  inline,
  listBlobOf,
  listOf,
  payload,
  refsOf,
  valueOf,
  type ListPart,
} from "#events/payload.ts";

const refOf = (digit: string) => blobRef.parse(digit.repeat(64));
const [A, B, C] = ["a", "b", "c"].map(refOf) as [
  ReturnType<typeof refOf>,
  ReturnType<typeof refOf>,
  ReturnType<typeof refOf>,
];
const run: ListPart = { items: inline([1, 2]) as { inline: Json }, count: 2 };
const kept: ListPart = { items: { blob: B, bytes: 9 }, count: 3 };
const entry: ListPart = { item: { blob: C, bytes: 5 } };
const parts = { parts: [run, kept, entry], count: 6 };
const values = new Map<string, Json>([
  [A, { a: 1 }],
  [`list:${A}`, [7, 8]],
  [B, [3, 4, 5]],
  [C, [6]],
]);

describe("a payload", () => {
  it("names what has to be loaded before its value is known", () => {
    expect(refsOf(inline("x"))).toEqual([]);
    expect(refsOf({ blob: A, bytes: 1 })).toEqual([A]);
    expect(refsOf({ list: A, count: 2, bytes: 1 })).toEqual([`list:${A}`]);
    expect(refsOf(parts)).toEqual([B, C]);
  });

  it("tells a blob of parts from a blob", () => {
    expect(listBlobOf(`list:${A}`)).toBe(A);
    expect(listBlobOf(A)).toBeUndefined();
  });

  it("has its value when all of it is loaded, and none before", () => {
    expect(valueOf(inline(null), values)).toBeNull();
    expect(valueOf({ blob: A, bytes: 1 }, values)).toEqual({ a: 1 });
    expect(valueOf({ list: A, count: 2, bytes: 1 }, values)).toEqual([7, 8]);
    expect(valueOf(parts, values)).toEqual([1, 2, 3, 4, 5, [6]]);
    for (const missing of [B, C]) {
      const some = new Map([...values].filter(([ref]) => ref !== missing));
      expect(valueOf(parts, some)).toBeUndefined();
    }
    expect(valueOf({ list: A, count: 2, bytes: 1 }, new Map([[A as string, [7]]]))).toBeUndefined();
  });

  it("of parts counts the entries of all, and is one list where all are at hand", () => {
    expect(countOf(parts.parts)).toBe(6);
    expect(listOf([run, run])).toEqual(inline([1, 2, 1, 2]));
    expect(listOf([])).toEqual(inline([]));
    expect(listOf([run, kept])).toEqual({ parts: [run, kept], count: 5 });
    expect(listOf([run, entry])).toEqual({ parts: [run, entry], count: 3 });
  });

  it.each([
    inline([1]),
    { blob: A, bytes: 1 },
    { list: A, count: 1, bytes: 1 },
    { list: A, count: 0, bytes: 1 },
    parts,
    { parts: [], count: 0 },
  ])("survives its schema %#", (source) => {
    expect(payload.parse(source)).toEqual(source);
  });

  it.each([
    { blob: `0${A}`, bytes: 1 },
    { blob: `${A}0`, bytes: 1 },
    { blob: A.toUpperCase(), bytes: 1 },
    { list: A, count: -1, bytes: 1 },
    { list: A },
    { parts: [run], count: -1 },
    { parts: "all", count: 1 },
    {},
  ])("is not what the schema does not know %#", (source) => {
    expect(payload.safeParse(source).success).toBe(false);
  });
});
