import fc from "fast-check";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { canonicalJson, contentHash } from "#events/canonical.ts";
import type { Json } from "#events/json.ts";
import { sha256Hex as systemSha256Hex } from "#src/ports/system/sha256.ts";
// By its place: its name leads to the other one under Node.
import { sha256Hex } from "../../events/sha256.ts";

const reordered = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reordered(member)]),
  );
};
const values = fc.jsonValue({ noUnicodeString: false }) as fc.Arbitrary<Json>;

describe("canonical JSON", () => {
  it("writes the example of RFC 8785, 3.2.3", () => {
    const source: Json = JSON.parse(
      String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],` +
        String.raw`"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
    ) as Json;
    expect(canonicalJson(source)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
        String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  it("sorts keys by UTF-16 code units, as RFC 8785, 3.2.3 asks", () => {
    const source = { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7 };
    const keys = Object.keys(JSON.parse(canonicalJson(source)) as object);
    expect(canonicalJson(source)).toBe('{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}');
    expect(keys).toHaveLength(7);
  });

  it("is JSON for the same value, whatever the order of keys", () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(JSON.stringify(JSON.parse(canonicalJson(value)))).toBe(
          JSON.stringify(JSON.parse(canonicalJson(reordered(value)))),
        );
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("leaves out members without a value, as JSON does", () => {
    const source = { a: 1, b: undefined } as unknown as Json;
    expect(canonicalJson(source)).toBe('{"a":1}');
  });
});

describe("a content hash", () => {
  it("is the first half of the SHA-256 of the canonical text", () => {
    const sha256 = createHash("sha256").update('{"a":[1,"ü"],"b":null}', "utf8").digest("hex");
    expect(contentHash({ b: null, a: [1, "ü"] })).toBe(sha256.slice(0, 32));
  });

  it("is the same in a browser as under Node, for ids as for contents", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        expect(sha256Hex(text)).toBe(createHash("sha256").update(text, "utf8").digest("hex"));
        expect(systemSha256Hex(text)).toBe(sha256Hex(text));
      }),
    );
  });

  it("is equal for values that differ in the order of keys only", () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(contentHash(reordered(value))).toBe(contentHash(value));
      }),
    );
    expect(contentHash({ a: 1 })).not.toBe(contentHash({ a: "1" }));
    expect(contentHash([1, 2])).not.toBe(contentHash([2, 1]));
  });
});
