import { describe, expect, it } from "vitest";
import { sourcesText } from "#src/cli/result-text.ts";

const sentence = (text: string, ...steps: readonly string[]) => ({ text, steps });
const shown = (...sentences: readonly ReturnType<typeof sentence>[]) =>
  sourcesText({ response: "x", provenance: { text: "x", sentences } });

describe("a response with its sources", () => {
  it("names the steps behind each sentence, and nothing behind one that stands on none", () => {
    expect(shown(sentence("Three.", "a", "b"), sentence("That is all."))).toBe("Three. [a, b]\nThat is all.");
  });

  it("names those of a table below it, once", () => {
    const rows = ["| a |", "| - |", "| 1 |"].map((row) => sentence(row, "all"));
    expect(shown(...rows, sentence("Done.", "b"))).toBe("| a |\n| - |\n| 1 |\n[all]\nDone. [b]");
    expect(shown(...rows)).toBe("| a |\n| - |\n| 1 |\n[all]");
  });

  it("moves no cursor, whatever a sentence has", () => {
    // eslint-disable-next-line no-control-regex
    expect(shown(sentence("\u001b[2JThree.", "a"))).not.toMatch(/\u001b/);
  });

  it("is the response where that is no text", () => {
    expect(sourcesText({ response: [1] })).toBe("[\n  1\n]");
  });
});
