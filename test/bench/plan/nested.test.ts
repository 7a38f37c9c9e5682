import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UnusableData } from "../../../bench/metric.ts";
import { nestedIn } from "../../../bench/plan/nested.ts";
import { nestedScore } from "../../../bench/plan/nested-score.ts";
import { standInOutput } from "../../../bench/plan/stand-in-tools.ts";
import { temporaryFolder, type TemporaryFolder } from "../../store/folder.ts";

const SPEC = [
  {
    name: "Places_SearchCity",
    description: "Finds a city by its name.",
    query_parameters: { query: { type: "String", description: "Name of the city", required: true } },
    output_parameters: { cityId: { type: "String", description: "Identifier of the city" } },
  },
  {
    name: "WeatherForecast",
    description: "Gives the weather forecast of a city.",
    query_parameters: {
      cityId: { type: "string", description: "Identifier of the city", required: true },
      unit: { type: "Enum", description: "Unit", allowed_values: ["c", "f"], default: "c" },
    },
    output_parameters: { summary: { type: "string" } },
  },
];

function known(city: string): unknown {
  return {
    input: `What is the weather forecast for ${city}?`,
    output: [
      { name: "Places_SearchCity", arguments: { query: city }, label: "var1" },
      { name: "WeatherForecast", arguments: { cityId: "$var1.cityId$", unit: "c" }, label: "var2" },
      { name: "var_result", arguments: { weather: "$var2.summary$" } },
    ],
  };
}

let folder: TemporaryFolder;
beforeAll(async () => void (folder = await temporaryFolder()));
afterAll(() => folder[Symbol.asyncDispose]());

async function data(name: string, files: Readonly<Record<string, unknown>>): Promise<string> {
  const place = path.join(folder.path, name);
  await mkdir(path.join(place, "executable"), { recursive: true });
  for (const [file, value] of Object.entries(files))
    await writeFile(path.join(place, "executable", file), typeof value === "string" ? value : JSON.stringify(value));
  return place;
}

describe("nested calls of a folder", () => {
  it("are read with their references and what the answer is made of", async () => {
    const place = await data("good", { "executable-data.json": [known("Oslo")], "executable-spec.json": SPEC });
    const read = nestedIn(place);
    expect(read?.cases[0]).toEqual({
      request: "What is the weather forecast for Oslo?",
      calls: [
        { tool: "places_search-city", arguments: { query: { kind: "value", value: "Oslo" } } },
        {
          tool: "weather-forecast",
          arguments: { cityId: { kind: "output", call: 0, path: ["cityId"] }, unit: { kind: "value", value: "c" } },
        },
      ],
      answer: [{ kind: "output", call: 1, path: ["summary"] }],
    });
    expect(read?.tools[1]?.inputSchema).toMatchObject({
      properties: { unit: { type: "string", enum: ["c", "f"], default: "c" } },
      required: ["cityId"],
    });
  });

  it("are none where the folder has none, and refused by file where one is no JSON or in another format", async () => {
    expect(nestedIn(path.join(folder.path, "nothing"))).toBeUndefined();
    const broken = await data("broken", { "executable-data.json": "[", "executable-spec.json": SPEC });
    expect(() => nestedIn(broken)).toThrow(UnusableData);
    const other = await data("other", { "executable-data.json": [{ question: "?" }], "executable-spec.json": SPEC });
    expect(() => nestedIn(other)).toThrow(/executable-data\.json is not in the format/);
    const half = await data("half", { "executable-data.json": [known("Oslo")] });
    expect(() => nestedIn(half)).toThrow(/there is no .*executable-spec\.json/);
  });

  it("are planned, run and scored", async () => {
    const cities = ["Oslo", "Rome", "Lima", "Cairo", "Perth", "Quito", "Delhi", "Hanoi", "Paris", "Turin"];
    const place = await data("ten", { "executable-data.json": cities.map(known), "executable-spec.json": SPEC });
    const read = nestedIn(place);
    if (read === undefined) throw new Error("nothing read");
    const score = await nestedScore(read, { past: true });
    expect(score).toMatchObject({ functionF1: 1, parameterF1: 1, answers: 1, invalidPlans: 0 });
  });
});

describe("a tool that stands in", () => {
  const [city] = nestedTools();

  it("gives the same for the same, and something else for something else", () => {
    const oslo = standInOutput(city, { query: "Oslo" });
    expect(standInOutput(city, { query: "oslo" })).toEqual(oslo);
    expect(standInOutput(city, { query: "Oslo", unknown: 1 })).toEqual(oslo);
    expect(standInOutput(city, { query: "Rome" })).not.toEqual(oslo);
  });

  it("gives what known plans read from it, also where the specification does not say it", () => {
    expect(standInOutput(city, { query: "Oslo" })).toMatchObject({ names: [{ local: expect.any(String) }] });
  });
});

function nestedTools() {
  const inputSchema = { type: "object", properties: { query: { type: "string" } }, required: ["query"] };
  const outputSchema = { type: "object", properties: { cityId: { type: "string" } } };
  const described = { name: "city", version: "1.0.0", description: "", sideEffects: "read" as const };
  return [{ ...described, inputSchema, outputSchema, unsaid: [["names", "*", "local"]] }] as const;
}
