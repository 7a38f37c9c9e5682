import { describe, expect, it } from "vitest";
import { RecentTexts } from "#machines/expressions/recent-texts.ts";

describe("recent texts", () => {
  it("computes a text that it keeps once", () => {
    const computed: string[] = [];
    const texts = new RecentTexts<string>(10);
    const get = (text: string) => texts.get(text, (one) => (computed.push(one), one.toUpperCase()));
    expect([get("aaaa"), get("aaaa"), get("bbbb"), get("aaaa")]).toEqual(["AAAA", "AAAA", "BBBB", "AAAA"]);
    expect(computed).toEqual(["aaaa", "bbbb"]);
  });

  it("keeps as many characters as the limit says", () => {
    const computed: string[] = [];
    const texts = new RecentTexts<string>(8);
    for (const text of ["aaaa", "bbbb", "aaaa", "bbbb"]) texts.get(text, (one) => (computed.push(one), one));
    expect(computed).toEqual(["aaaa", "bbbb"]);
  });

  it("forgets what was used longest ago when its characters pass the limit", () => {
    const computed: string[] = [];
    const texts = new RecentTexts<string>(10);
    for (const text of ["aaaa", "bbbb", "aaaa", "cccc", "aaaa", "bbbb"]) {
      texts.get(text, (one) => (computed.push(one), one));
    }
    expect(computed).toEqual(["aaaa", "bbbb", "cccc", "bbbb"]);
  });
});
