import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { idOfTokens, inboxOf, partitionToken, SUBJECTS, tokensBelow, tokensOf } from "#src/nats/subjects.ts";

describe("a subject", () => {
  it("has an id as two tokens, from which the id comes back", () => {
    expect(tokensOf("worker-1.0197c3a0-1111")).toBe("worker-1.0197c3a0-1111");
    expect(tokensOf("alone")).toBe("alone.-");
    expect(tokensOf("a b.c.d*>")).toBe("a=20b.c=2ed=2a=3e");
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }), (id) => {
        const tokens = tokensOf(id).split(".");
        expect(tokens).toHaveLength(2);
        for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9_=-]+$/);
        expect(idOfTokens(tokens[0]!, tokens[1]!)).toBe(id);
      }),
    );
  });

  it("tells different ids apart, also odd ones", () => {
    const ids = ["a", "a.", "a.-", "a.=", ".a", "", ".", "-", "=", "a=2e", "a.b", "a..b", "ä", "Ã¤"];
    expect(new Set(ids.map(tokensOf)).size).toBe(ids.length);
    for (const id of ids) expect(idOfTokens(...(tokensOf(id).split(".") as [string, string]))).toBe(id);
  });

  it("has a partition as two digits of hex", () => {
    expect([0, 10, 255].map(partitionToken)).toEqual(["00", "0a", "ff"]);
  });

  it("begins with the namespace, also an inbox", () => {
    expect(inboxOf("default", "worker-1")).toBe("planwright.default.inbox.worker-1");
    expect(tokensBelow("planwright.default.report.a1.worker-1.x")).toEqual(["report", "a1", "worker-1", "x"]);
  });

  it("stands in the table once", () => {
    expect(new Set(SUBJECTS.map(({ subject }) => subject)).size).toBe(SUBJECTS.length);
  });
});
