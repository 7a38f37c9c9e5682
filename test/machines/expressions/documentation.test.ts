import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { signatures } from "#machines/expressions/functions/table.ts";
import * as limits from "#machines/expressions/limits.ts";
import { evaluated } from "./evaluated.ts";

const page = readFileSync(new URL("../../../docs/expressions.md", import.meta.url), "utf8");
const rows = [...page.matchAll(/^\| `([^`]+)` +\| `([^`]+)` +\| `([^`]+)` +\|$/gm)].map(
  // Also in code a bar ends the cell, unless it is escaped.
  ([, signature = "", example = "", gives = ""]) => ({ signature, example, gives: gives.replaceAll("\\|", "|") }),
);

describe("the page on expressions", () => {
  it("has a row for every function and no other", () => {
    expect(rows.map(({ signature }) => signature).toSorted()).toEqual([...signatures()].toSorted());
  });

  it.each(rows)("says what $example gives", ({ example, gives }) => {
    expect(evaluated(`\${${example}}`)).toEqual(JSON.parse(gives));
  });

  it("names the limits that hold", () => {
    const text = page.replaceAll("\n", " ");
    const named = [limits.MAX_EXPRESSION_CHARS, limits.MAX_EXPRESSION_NODES, limits.MAX_WORK_UNITS];
    for (const limit of [...named, limits.MAX_STRING_CHARS, limits.MAX_TEXT_CHARS, limits.MAX_LIST_ELEMENTS]) {
      expect(text).toContain(limit.toLocaleString("en-US"));
    }
  });
});
