import { z } from "zod";
import { describe, expect, it } from "vitest";
import { json, type Json } from "#events/json.ts";
import { analysed } from "#src/planning/analysis/analyse.ts";
import { toolCatalog } from "#src/planning/catalog/tool-catalog.ts";
import { failureFrom, type Failure } from "#src/planning/replanning/failure.ts";
import { replanned, type Replanned } from "#src/planning/replanning/replanned.ts";
import { checkedRest } from "#src/planning/request/plan-rest.ts";
import { runPlan } from "#src/testing/run-plan.ts";
import { defineTool, ToolFailure, type Tool } from "#src/tools/define.ts";
import { registry } from "#src/tools/registry.ts";

// Replanning where the engine asks for it: plans run on the real one, and a tool replans with what it is told.

const NOW = Date.UTC(2026, 10, 28);
const forecast = z.object({ summary: z.string() });

function weather(name: string, run: (city: string) => string): Tool<{ city: string }> {
  return defineTool({
    name,
    version: "1.0.0",
    description: "Gets the weather of a city.",
    input: z.object({ city: z.string() }),
    output: forecast,
    sideEffects: "read",
    run: ({ city }) => ({ summary: run(city) }),
  });
}

const down = (): string => {
  throw new ToolFailure("unavailable", "nobody answers");
};

interface World {
  readonly tools: readonly Tool[];
  readonly told: Failure[];
  readonly answers: Replanned[];
}

/** With a tool that replans as planning does. */
function worldOf(tools: readonly Tool[], forbidden: readonly string[] = []): World {
  const world: World = { tools: [], told: [], answers: [] };
  const replan = defineTool({
    name: "test.replan",
    version: "1.0.0",
    description: "Replans.",
    input: z.object({ failure: z.unknown() }),
    output: z.object({ rest: z.unknown() }),
    sideEffects: "read",
    run: ({ failure }) => {
      const told = failureFrom(failure);
      const analysis = analysed("the weather of Oslo", { now: NOW });
      if (told === undefined || analysis.kind === "unreadable") throw new ToolFailure("bug", "nothing was told");
      world.told.push(told);
      const entries = toolCatalog(tools, []);
      const answer = replanned({ ...told, analysis: analysis.analysis, entries, forbidden, answers: [], now: NOW });
      world.answers.push(answer);
      if (answer.kind !== "rest") throw new ToolFailure("not-found", "there is nothing else");
      const done = Object.fromEntries(
        Object.entries(told.outcomes).flatMap(([id, { output }]) =>
          output === undefined ? [] : [[id, output] as const],
        ),
      );
      const { outputs } = answer.source;
      const around = { tools: registry(tools), granted: {}, done };
      const checked = checkedRest({ steps: answer.steps, outputs: outputs as Record<string, Json> }, around);
      if (!checked.ok) throw new ToolFailure("bug", JSON.stringify(checked.findings));
      return { rest: json.parse(checked.rest) };
    },
  });
  return { ...world, tools: [...tools, replan] };
}

const SOURCE = `
plan: p
steps:
  first: { value: Oslo }
  w: { tool: meteo.get_weather, with: { city: "\${steps.first.output}" }, retry: 2 }
  text: { value: "it is \${steps.w.output.summary}" }
outputs: { text: "\${steps.text.output}" }
replan: { tool: test.replan, max: 3 }
`;

describe("a plan whose step fails for good", () => {
  it("goes on with another tool, keeps what is done, and says why", async () => {
    const world = worldOf([
      weather("meteo.get_weather", down),
      weather("sky.get_weather", (city) => `fine in ${city}`),
    ]);
    const run = await runPlan(SOURCE, { tools: world.tools });
    expect(world.answers).toMatchObject([{ kind: "rest", changed: ["w_2"] }]);
    expect([run.outcome, run.outputs]).toEqual(["succeeded", { text: "it is fine in Oslo" }]);
    expect(run.facts.filter(({ type, data }) => type === "StepSucceeded" && data.step === "first")).toHaveLength(1);
    const revisions = run.facts.flatMap((fact) => (fact.type === "PlanRevised" ? [fact.data.cause] : []));
    expect(revisions).toMatchObject([
      { kind: "failure", failed: ["w"] },
      { kind: "rest", step: "replan_1" },
    ]);
  });

  it("remembers over replannings what was tried, and comes to an end", async () => {
    const names = ["meteo.get_weather", "sky.get_weather", "star.get_weather"];
    const world = worldOf(names.map((name) => weather(name, down)));
    const run = await runPlan(SOURCE, { tools: world.tools });
    expect(run.outcome).toBe("failed");
    expect(world.told.map(({ tried, replannings }) => [new Set(tried).size, replannings])).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
    ]);
    const tools = world.answers.flatMap((answer) =>
      answer.kind === "rest" ? answer.changed.map((id) => answer.steps[id]) : [],
    );
    expect(tools).toMatchObject([
      { tool: "sky.get_weather" },
      { tool: "star.get_weather" },
      { wait: "1m" },
      { tool: "star.get_weather" },
    ]);
    expect(world.answers.at(-1)).toMatchObject({ changed: ["w_wait", "w_4"] });
  });
});

describe("what the engine tells of a failure", () => {
  it.each([undefined, {}, { number: 1 }, { number: 1, plan: { steps: [] }, outcomes: {}, done: {} }])(
    "is nothing where it is none: %j",
    (given) => {
      expect(failureFrom(given)).toBeUndefined();
    },
  );
});

/** Finds cities; `run` is what the world has. */
function finder(name: string, run: () => { name?: string }[]): Tool<{ country: string }> {
  return defineTool({
    name,
    version: "1.0.0",
    description: "Finds the cities of a country.",
    input: z.object({ country: z.string() }),
    output: z.array(z.object({ name: z.string().optional() })),
    sideEffects: "read",
    run: () => run(),
  });
}

const SURPRISED = `
plan: p
steps:
  cities: { tool: geo.find_cities, with: { country: NO } }
  w: { tool: meteo.get_weather, with: { city: "\${steps.cities.output[0].name}" } }
outputs: { text: "\${steps.w.output.summary}" }
replan: { tool: test.replan, max: 3 }
`;

describe("a step that succeeds and gives nothing that the next can go on with", () => {
  const weatherOf = weather("meteo.get_weather", (city) => `fine in ${city}`);

  it.each([
    ["an empty list", () => []],
    ["an item without the part that is read", () => [{}]],
  ])("is asked for elsewhere: %s", async (_, run) => {
    const other = finder("map.find_cities", () => [{ name: "Oslo" }]);
    const world = worldOf([finder("geo.find_cities", run), other, weatherOf]);
    const ran = await runPlan(SURPRISED, { tools: world.tools });
    expect([ran.outcome, ran.outputs]).toEqual(["succeeded", { text: "fine in Oslo" }]);
    expect(world.answers).toMatchObject([
      { changed: ["cities_2", "w_2"], steps: { cities_2: { tool: "map.find_cities" } } },
    ]);
    const begun = ran.facts.flatMap(({ type, data }) => (type === "StepDispatched" ? [data.step] : []));
    expect(begun).toEqual(["cities", "replan_1", "cities_2", "w_2"]);
  });

  it("is asked for elsewhere where its tool does not keep to its own schema any more", async () => {
    const changed = finder("geo.find_cities", () => [{ name: 7 } as unknown as { name: string }]);
    const other = finder("map.find_cities", () => [{ name: "Oslo" }]);
    const world = worldOf([changed, other, weatherOf]);
    const ran = await runPlan(SURPRISED, { tools: world.tools });
    expect([ran.outcome, ran.outputs]).toEqual(["succeeded", { text: "fine in Oslo" }]);
    expect(world.answers).toMatchObject([{ changed: ["cities_2"], steps: { cities_2: { tool: "map.find_cities" } } }]);
  });
});
