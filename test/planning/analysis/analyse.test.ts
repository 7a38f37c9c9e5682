import { describe, expect, it } from "vitest";
import { analysed, MAX_REQUEST_CHARS, type Analysis } from "#src/planning/analysis/analyse.ts";

const now = Date.UTC(2026, 10, 27, 12);

function analysis(text: string): Analysis {
  const result = analysed(text, { now });
  if (result.kind === "unreadable") throw new Error(result.why.message);
  return result.analysis;
}

/** Action, verb and topics of each intent. */
function asked(text: string): readonly string[] {
  return analysis(text).intents.map(({ action, verb, topics }) => [action, verb, ...topics].join(" "));
}

function bounded(text: string): readonly string[] {
  return analysis(text).constraints.map((one) =>
    one.kind === "forbidden" ? `${one.kind} ${one.what}` : `${one.kind} ${JSON.stringify(one.value.value)}`,
  );
}

describe("what a request asks for", () => {
  it.each([
    ["Find flights from Oslo to Rome.", ["find Find flights"]],
    [
      "Could you please cancel my train ticket and tell me the reason?",
      ["remove cancel train ticket", "find tell reason"],
    ],
    [
      "Read notes.md, then translate it, and email the result to ann@example.org.",
      [["read Read", "convert translate", "send email result"]].flat(),
    ],
    ["What's the weather in Paris tomorrow?", ["find What's weather"]],
    ["How many orders are open? Thank you!", ["find How orders open"]],
    ["turn off the lights in the kitchen", ["set turn off lights kitchen"]],
    ["The flight booked on Friday needs to be changed.", ["change changed flight booked needs"]],
    ["I would like a table; book it for two hours.", ["book book"]],
    ["Hello there!", []],
  ])("is one intent for each thing: %s", (text, intents) => {
    expect(asked(text)).toEqual(intents);
  });

  it("has the values of each in its own clause", () => {
    const { intents, values } = analysis('Rename "a and cancel b" to c.txt and delete d.txt');
    expect(intents.map(({ action, values: own }) => [action, own.map((index) => values[index]?.value)])).toEqual([
      ["change", ["a and cancel b", "c.txt"]],
      ["remove", ["d.txt"]],
    ]);
  });

  it("stands at its place in the request", () => {
    const text = "Please find a hotel, and book it.";
    for (const { from, to, words } of analysis(text).intents) expect(text.slice(from, to)).toBe(words);
  });
});

describe("what bounds the work", () => {
  it.each([
    ["Find a hotel. I need it by Friday 5pm.", ['deadline "2026-11-27T17:00"']],
    ["Have the report ready within 2 hours", ['deadline "2026-11-27T14:00"']],
    ["Sum the orders; the budget is $5", ["budget 5"]],
    ["Sum the orders but spend no more than 20 euros", ["budget 20"]],
    ["Find the address without sending anything", ["forbidden sending anything"]],
    ["Don't use send_sms and tell Ann", ["forbidden send_sms"]],
    ["Do not delete the file, please", ["forbidden delete the file"]],
  ])("is told from its arguments: %s", (text, constraints) => {
    expect(bounded(text)).toEqual(constraints);
  });

  it.each([
    "Find flights before Friday",
    "Find a hotel under $200",
    "Write 'do not delete this' into a.txt",
    "Update the file to avoid a conflict",
  ])("is nothing that the request itself is about: %s", (text) => {
    expect(bounded(text)).toEqual([]);
  });
});

describe("a request", () => {
  it.each([
    ["", "request-empty"],
    [" \n\t ", "request-empty"],
    ["?!… 🎉", "request-unreadable"],
    ["a".repeat(1024 * 1024), "request-too-long"],
  ])("that cannot be read is refused with what to do", (text, code) => {
    expect(analysed(text, { now })).toMatchObject({
      kind: "unreadable",
      why: { code, message: expect.stringMatching(/; /) as string },
    });
  });

  it("in a language that is not known has no intent, and its values all the same", () => {
    const { intents, values } = analysis("帮我把 report.pdf 发给 ann@example.org");
    expect(intents).toEqual([]);
    expect(values.map(({ value }) => value)).toEqual(["report.pdf", "ann@example.org"]);
  });

  it("is analysed in the same way again", () => {
    const text = "Book a room in Rome from May 3 to May 5 for $300, then email ann@example.org; don't call.";
    expect(analysis(text)).toEqual(analysis(text));
  });

  it.each([
    "a".repeat(MAX_REQUEST_CHARS),
    "A ".repeat(MAX_REQUEST_CHARS / 2),
    '"'.repeat(MAX_REQUEST_CHARS),
    "'a ".repeat(MAX_REQUEST_CHARS / 3),
    "1,".repeat(MAX_REQUEST_CHARS / 2),
    "1:".repeat(MAX_REQUEST_CHARS / 2),
    "a/".repeat(MAX_REQUEST_CHARS / 2),
    "a.".repeat(MAX_REQUEST_CHARS / 2),
    "a@".repeat(MAX_REQUEST_CHARS / 2),
    "http://".repeat(MAX_REQUEST_CHARS / 8),
    "twenty ".repeat(MAX_REQUEST_CHARS / 8),
    "May 3 ".repeat(MAX_REQUEST_CHARS / 8),
    "don't use ".repeat(MAX_REQUEST_CHARS / 16),
    "and then find ".repeat(MAX_REQUEST_CHARS / 16),
    "in 3 days ".repeat(MAX_REQUEST_CHARS / 16),
    "\n".repeat(MAX_REQUEST_CHARS - 1) + "a",
  ])("that is made to take long does not: $0", (text) => {
    const began = performance.now();
    analysed(text, { now });
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
