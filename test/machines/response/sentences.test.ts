import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_SENTENCES } from "#events/plan-facts.ts";
import { sentencesOf } from "#machines/response/sentences.ts";

const cut = (text: string): string[] => sentencesOf(text).map(({ from, to }) => text.slice(from, to));

describe("the sentences of a text", () => {
  it("end with a full stop and its kin, or with a line", () => {
    expect(cut("One. Two! Three? Four")).toEqual(["One. ", "Two! ", "Three? ", "Four"]);
    expect(cut('He said "no." Then: yes\n- a list\n- of two')).toEqual([
      'He said "no." ',
      "Then: yes\n",
      "- a list\n",
      "- of two",
    ]);
    expect(cut("一つ。二つ。")).toEqual(["一つ。", "二つ。"]);
  });

  it("do not end within a number, a name or an abbreviation", () => {
    for (const text of ["It is 3.5 of 4.0.", "See e.g. The Hague", "Written for Dr. Who", "v1.2 and a.b. and so on"]) {
      expect(cut(text)).toEqual([text]);
    }
  });

  it("cover the text, whatever it is, and are bounded", () => {
    const words = fc.array(fc.constantFrom("a", "B", ". ", "! ", "\n", " ", "…", "。", "e.g. ", "\u{1F600}"), {
      maxLength: 900,
    });
    fc.assert(
      fc.property(words, (parts) => {
        const text = parts.join("");
        const sentences = sentencesOf(text);
        expect(sentences.map(({ from, to }) => text.slice(from, to)).join("")).toBe(text);
        expect(sentences.length).toBeLessThanOrEqual(MAX_SENTENCES);
      }),
    );
  });

  it("are found in linear time", () => {
    for (const part of [". ", "\n ", " ", ".", "a.", "(", '"."'] as const) {
      const started = performance.now();
      sentencesOf(part.repeat(200_000));
      expect(performance.now() - started).toBeLessThan(2_000);
    }
  });
});
