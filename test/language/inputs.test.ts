import { describe, expect, it } from "vitest";
import { formatFindings } from "#src/language/format.ts";
import { checkInputs, inputsFromText } from "#src/language/inputs.ts";

const secret = {
  type: "object",
  properties: { $secret: { type: "string" } },
  required: ["$secret"],
  additionalProperties: false,
  secret: true,
};

const plan = {
  inputs: {
    repo: { schema: { type: "string" }, default: "." },
    since: { schema: { type: "string", minLength: 2 } },
    count: { schema: { type: "integer", minimum: 1 }, default: 3 },
    deep: { schema: { type: "boolean" }, default: false },
    tags: { schema: { type: "array", items: { type: "string" } }, default: [] },
    any: { schema: {}, default: null },
    mixed: { schema: { type: ["string", "integer"] }, default: 1 },
    token: { schema: secret, default: { $secret: "TOKEN" } },
  },
};

function codes(values: Parameters<typeof checkInputs>[1]): readonly string[] {
  const checked = checkInputs(plan, values);
  return checked.ok ? [] : checked.findings.map(({ code, path }) => `${path.join(".")} ${code}`);
}

describe("given inputs", () => {
  it("are completed by the defaults", () => {
    expect(checkInputs(plan, { since: "v1", count: 5 })).toEqual({
      ok: true,
      inputs: {
        repo: ".",
        since: "v1",
        count: 5,
        deep: false,
        tags: [],
        any: null,
        mixed: 1,
        token: { $secret: "TOKEN" },
      },
    });
  });

  it("name what is missing and how to give it", () => {
    expect(checkInputs(plan, {})).toMatchObject({
      ok: false,
      findings: [{ code: "missing-input", message: expect.stringContaining("--input since=<string>") }],
    });
  });

  it("name the nearest input where one does not exist", () => {
    expect(checkInputs(plan, { since: "v1", sinse: "v2" })).toMatchObject({
      findings: [{ code: "unknown-input", path: ["inputs", "sinse"], suggestion: "since" }],
    });
  });

  it.each([
    ["a text that is too short", { since: "v" }, "inputs.since out-of-range"],
    ["a text for an integer", { since: "v1", count: "5" }, "inputs.count wrong-type"],
    ["a fraction for an integer", { since: "v1", count: 1.5 }, "inputs.count wrong-type"],
    ["a number below its minimum", { since: "v1", count: 0 }, "inputs.count out-of-range"],
    ["a wrong item", { since: "v1", tags: ["a", 1] }, "inputs.tags.1 wrong-type"],
    ["null where nothing says so", { since: null }, "inputs.since wrong-type"],
    ["a secret by value", { since: "v1", token: "hunter2" }, "inputs.token wrong-type"],
    ["a name of every object", { since: "v1", constructor: 1 }, "inputs.constructor unknown-input"],
  ])("are refused for %s", (_, values, expected) => {
    expect(codes(values)).toEqual([expected]);
  });

  it("are all named at once, and no value is repeated", () => {
    const checked = checkInputs(plan, { count: "hunter2", token: "hunter2", deep: "hunter2" });
    if (checked.ok) throw new Error("accepted");
    expect(checked.findings).toHaveLength(4);
    expect(formatFindings(checked.findings)).not.toContain("hunter2");
  });
});

describe("inputs from text", () => {
  it("are read by their schemas", () => {
    const texts = {
      since: "12",
      count: "12",
      deep: "true",
      tags: '["a"]',
      any: "x",
      mixed: "7",
      token: '{"$secret":"T"}',
    };
    expect(inputsFromText(plan, texts)).toEqual({
      since: "12",
      count: 12,
      deep: true,
      tags: ["a"],
      any: "x",
      mixed: "7",
      token: { $secret: "T" },
    });
  });

  it("stay text where they cannot be read, and are refused as such", () => {
    const values = inputsFromText(plan, { since: "v1", count: "three", deep: "yes", tags: "a", nothing: "1" });
    expect(values).toEqual({ since: "v1", count: "three", deep: "yes", tags: "a", nothing: "1" });
    expect(codes(values)).toEqual([
      "inputs.count wrong-type",
      "inputs.deep wrong-type",
      "inputs.tags wrong-type",
      "inputs.nothing unknown-input",
    ]);
  });
});
