import { describe, expect, it } from "vitest";
import { valuesIn } from "#src/planning/analysis/find-values.ts";
import type { Choice } from "#src/planning/analysis/options.ts";

/** A Friday, at noon. */
const now = Date.UTC(2026, 10, 27, 12);

function found(text: string, choices: readonly Choice[] = []) {
  return valuesIn(text, { now, choices }).values;
}

/** Kind, value, and the words before it. */
function told(text: string): readonly (readonly [string, unknown, string])[] {
  return found(text).map(({ kind, value, label }) => [kind, value, label] as const);
}

describe("values of a request", () => {
  it("say where they stand, with their words", () => {
    const text = "Send 'good morning' to ann@example.org, please.";
    for (const { from, to, words } of found(text)) expect(text.slice(from, to)).toBe(words);
    expect(told(text)).toEqual([
      ["quoted", "good morning", "send"],
      ["email", "ann@example.org", "to"],
    ]);
  });

  it.each([
    ["take 1,250.5 of it", "number", 1250.5],
    ["lower it by -3", "number", -3],
    ["twenty-five of them", "number", 25],
    ["two hundred and fifty thousand of them", "number", 250_000],
    ["a dozen eggs", "number", 12],
    ["for 4 people", "number", 4],
    ["raise it by 7.5 percent", "percent", 7.5],
    ["with 20% off", "percent", 20],
    ["it costs $1,999.99", "money", 1999.99],
    ["pay 30 euros", "money", 30],
    ["pay twenty US dollars", "money", 20],
    ["wait for 90 minutes", "duration", "PT90M"],
    ["stay for three nights", "duration", "P3D"],
    ["on August 15, 2024", "date", "2024-08-15"],
    ["on 2024-08-15", "date", "2024-08-15"],
    ["tomorrow", "date", "2026-11-28"],
    ["at 6 a.m.", "time", "06:00"],
    ["tomorrow at 18:30", "date-time", "2026-11-28T18:30"],
    ["from Monday to Friday", "date-range", "2026-11-30"],
    ["see https://example.org/a?b=1.", "url", "https://example.org/a?b=1"],
    ["open ./notes/to-do.md", "path", "./notes/to-do.md"],
    ["open report.pdf.", "path", "report.pdf"],
    ["open LICENSE.", "path", "LICENSE"],
    ["look into docs/Makefile", "path", "docs/Makefile"],
    ["what is in .gitignore?", "path", ".gitignore"],
    ["look into src/", "path", "src/"],
    ["save it at C:/Users/ann/a.png", "path", "C:/Users/ann/a.png"],
    ["ticket TJ12345678", "identifier", "TJ12345678"],
    ["call 0049301234567", "identifier", "0049301234567"],
    ["use send_sms", "identifier", "send_sms"],
    ["a hotel in New York", "name", "New York"],
    ["ask the Bank of America", "name", "Bank of America"],
    ["write to Ann's friend", "name", "Ann"],
  ])("are of the kind that they look like: %s", (text, kind, value) => {
    expect(found(text).map((one) => [one.kind, one.value])).toEqual([[kind, value]]);
  });

  it.each([
    "the 3rd",
    "a 4x4",
    "version 1.2.3 of",
    "one of them",
    "Please help me",
    "Don't",
    "What's that",
    "a morning flight",
    "from one to another",
    "his and/or her",
    "the makefile",
  ])("are not taken from what says none: %s", (text) => {
    expect(found(text)).toEqual([]);
  });

  it("have the unit that they are counted in, and the end of a range", () => {
    expect(found("12 kg")).toMatchObject([{ kind: "number", value: 12, unit: "kg" }]);
    expect(found("¥300")).toMatchObject([{ kind: "money", value: 300, currency: "JPY" }]);
    expect(found("from May 3 to May 5, 2025")).toMatchObject([
      { kind: "date-range", value: "2025-05-03", end: "2025-05-05", label: "from" },
    ]);
  });

  it("keep the words before them apart by commas, sentences and other values", () => {
    expect(told("Go from Oslo to Rome, ticket number AB1234. Then Lima")).toEqual([
      ["name", "Oslo", "go from"],
      ["name", "Rome", "to"],
      ["identifier", "AB1234", "ticket number"],
      ["name", "Lima", "then"],
    ]);
  });

  it("do not overlap: what was quoted is one value, whatever is in it", () => {
    expect(told('write "meet Ann at 6:30 on May 3, bring $5" into a file')).toEqual([
      ["quoted", "meet Ann at 6:30 on May 3, bring $5", "write"],
    ]);
  });

  it("are what a tool's parameter may be, said in other letters", () => {
    const choices = [{ tool: "hotels.search", parameter: "sort", options: ["PRICE_LOW", "best-rated"] }];
    expect(found("the best rated hotel", choices)).toMatchObject([
      { kind: "option", value: "best-rated", tool: "hotels.search", parameter: "sort", words: "best rated" },
    ]);
  });

  it("go by the time zone of who asks", () => {
    const late = Date.UTC(2026, 10, 27, 23);
    expect(valuesIn("today", { now: late, zoneMinutes: 120 }).values).toMatchObject([{ value: "2026-11-28" }]);
    expect(valuesIn("today", { now: late }).values).toMatchObject([{ value: "2026-11-27" }]);
  });
});
