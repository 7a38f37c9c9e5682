import { describe, expect, it } from "vitest";
import { jsonOfAnswer } from "#src/model/answer-json.ts";

const FENCE = "```";

describe("JSON out of a model's answer", () => {
  it.each<[string, string, unknown]>([
    ["alone", '{"a":1}', { a: 1 }],
    ["with space around it", '\n\n {"a":1}\n', { a: 1 }],
    ["with a mark of its encoding", '\uFEFF{"a":1}', { a: 1 }],
    ["in a fence", `${FENCE}json\n{"a":1}\n${FENCE}`, { a: 1 }],
    ["in a fence without a language", `${FENCE}\n{"a":1}\n${FENCE}`, { a: 1 }],
    ["in a fence with talk around it", `Here it is:\n${FENCE}json\r\n{"a":1}\r\n${FENCE}\nBye!`, { a: 1 }],
    ["behind talk", 'Sure! Here is the plan: {"a":{"b":"}"}} Anything else?', { a: { b: "}" } }],
    ["a list behind talk", "The list: [1,2,3].", [1, 2, 3]],
    ["the largest of several", 'For {"x":1} I get {"a":1,"b":[1,2,3]}.', { a: 1, b: [1, 2, 3] }],
    ["with brackets and quotes in its texts", '{"a":"[{\\"\\\\"}', { a: '[{"\\' }],
    ["a number", "42", 42],
    ["a text", '"yes"', "yes"],
    ["null", "null", null],
  ])("is found %s", (_, text, value) => {
    expect(jsonOfAnswer(text)).toEqual({ ok: true, value });
  });

  it.each<[string, string]>([
    ["talk", "I am sorry, I cannot do that."],
    ["nothing", ""],
    ["a value that was cut", '{"a":[1,2,'],
    ["a comma too many", '{"a":1,}'],
    ["single quotes", "{'a':1}"],
    ["code that makes a value", "JSON.parse('{a:1}')"],
    ["a bracket that never closes", "a { b"],
  ])("is not found in %s", (_, text) => {
    expect(jsonOfAnswer(text)).toMatchObject({ ok: false });
  });

  it("is refused with a property that would change what others are", () => {
    expect(jsonOfAnswer('{"a":{"__proto__":{"isAdmin":true}}}')).toMatchObject({ ok: false });
  });

  it("is refused where it is deeper, or has more values, than anything that is meant", () => {
    expect(jsonOfAnswer("[".repeat(100_000) + "]".repeat(100_000))).toMatchObject({ ok: false });
    expect(jsonOfAnswer(`[${"1,".repeat(60_000)}1]`)).toMatchObject({ ok: false });
  });

  it.each(["{", "[{", '{"', "```\n", "```json\n{", '"\\', "}{", "{}"])("takes no long time over many of %j", (part) => {
    const begun = performance.now();
    jsonOfAnswer(part.repeat(300_000));
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});
