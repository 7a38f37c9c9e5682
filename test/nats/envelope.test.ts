import { describe, expect, it } from "vitest";
import { Envelopes, readEnvelope } from "#src/nats/envelope.ts";

const read = (bytes: Uint8Array): unknown =>
  readEnvelope(bytes, ({ type, data }) => [type, JSON.parse(Buffer.from(data).toString()) as unknown]);
const of = (text: unknown): Buffer => Buffer.from(typeof text === "string" ? text : JSON.stringify(text));
const ATTRIBUTES = { specversion: "1.0", id: "1", source: "/x", type: "planwright.run" };

describe("an envelope", () => {
  it("is a CloudEvent whose data comes out as it went in", () => {
    const envelopes = new Envelopes('/planwright/default/a "name"', "1");
    for (const data of [{}, [], null, 0, "x", { ',"data":': '},"data":{' }, { text: "ä".repeat(2_000) }]) {
      const bytes = envelopes.wrap("planwright.run", of(data === "x" ? '"x"' : data));
      expect(read(bytes)).toEqual(["planwright.run", data]);
      expect(JSON.parse(Buffer.from(bytes).toString())).toMatchObject({ specversion: "1.0", data });
    }
  });

  it("has an id of its own", () => {
    const envelopes = [new Envelopes("/x", "1"), new Envelopes("/x", "2")];
    const ids = envelopes.flatMap((one) =>
      [1, 2, 3].map(() => (JSON.parse(Buffer.from(one.wrap("t", of("1"))).toString()) as { id: string }).id),
    );
    expect(new Set(ids).size).toBe(6);
  });

  it.each([
    ["its data first", { data: { n: 1 }, ...ATTRIBUTES }],
    ["its data in the middle", { ...ATTRIBUTES, data: { n: 1 }, time: "2026-01-01T00:00:00Z" }],
    ["attributes that nobody knows", { ...ATTRIBUTES, traceparent: "00-1", data: { n: 1 } }],
    [
      "the form of its own, and something after it",
      `{"specversion":"1.0","source":"/x","datacontenttype":"application/json","id":"1","type":"planwright.run","data":{"n":1},"more":{}}`,
    ],
  ])("is read with %s", (_, event) => {
    expect(read(of(event))).toEqual(["planwright.run", { n: 1 }]);
  });

  it("without data carries null", () => {
    expect(read(of(ATTRIBUTES))).toEqual(["planwright.run", null]);
  });

  it.each(["", "no JSON", "null", "[]", "{}", { ...ATTRIBUTES, specversion: "0.3" }, { ...ATTRIBUTES, id: "" }])(
    "is a fault when it is %j",
    (event) => {
      expect(() => read(of(event))).toThrow(expect.objectContaining({ code: "malformed-message" }));
    },
  );
});
