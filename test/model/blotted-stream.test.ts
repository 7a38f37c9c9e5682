import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BlottedStream } from "#src/model/blotted-stream.ts";

const SECRETS = ["abcabd", "secret-of-mine"];

function told(pieces: readonly string[]): readonly string[] {
  const said: string[] = [];
  const stream = new BlottedStream(SECRETS, (piece) => said.push(piece));
  for (const piece of pieces) stream.push(piece);
  stream.end();
  return said;
}

describe("a text without secrets, in pieces", () => {
  it("holds back what may begin one, and nothing else", () => {
    expect(told(["Hello ", "you, sec", "ond"])).toEqual(["Hello ", "you, ", "second"]);
  });

  it("blots a secret out wherever it is cut", () => {
    for (const secret of SECRETS) {
      for (let at = 1; at < secret.length; at++) {
        expect(told(["<", secret.slice(0, at), secret.slice(at), ">"]).join("")).toBe("<[secret]>");
      }
    }
  });

  it("is the whole text with secrets blotted out, however it is cut", () => {
    const part = fc.oneof(
      fc.constantFrom(...SECRETS, "abc", "abcab", "secret", "-of-", "é"),
      fc.string({ maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(part), fc.array(fc.nat(12)), (parts, cuts) => {
        const text = parts.join("");
        const pieces: string[] = [];
        let from = 0;
        for (const chars of cuts) {
          pieces.push(text.slice(from, from + chars));
          from += chars;
        }
        const all = told([...pieces, text.slice(from)]).join("");
        for (const secret of SECRETS) expect(all).not.toContain(secret);
        if (!SECRETS.some((secret) => text.includes(secret))) expect(all).toBe(text);
      }),
    );
  });
});
