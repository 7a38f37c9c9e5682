import { describe, expect, it } from "vitest";
import { planner } from "#src/planning/drafting/planner.ts";
import type { ModelScript } from "#src/model/scripted.ts";
import { draftsWithModel } from "#src/planning/with-model/drafts-with-model.ts";
import { NOW, WEATHER } from "../travel.ts";
import { answer, ENTRIES, scripted, step, taskFor, value } from "./kit.ts";

const REQUEST = "What is the weather forecast for Oslo?";

async function drafted(script: ModelScript) {
  const made = scripted(script);
  const { analysis, check } = taskFor(REQUEST);
  const task = { request: REQUEST, analysis, check, now: NOW };
  return made.clock.answer(draftsWithModel(planner(ENTRIES, { now: NOW }), task, made.asking));
}

describe("drafts of both planners", () => {
  it("are ranked together, the model's among them", async () => {
    const { ranked, model } = await drafted([answer(step("w", WEATHER.name, { city: value("Oslo"), days: null }))]);
    expect(model.kind).toBe("planned");
    expect(ranked.filter(({ origin }) => origin === "model")).toHaveLength(1);
    expect(ranked.filter(({ origin }) => origin === "offline")).not.toHaveLength(0);
    expect(ranked[0]?.calls.map(({ tool }) => tool)).toEqual([WEATHER.name]);
  });

  it("are those of the offline planner where the model gives none, with what happened", async () => {
    const refused = { fails: { category: "permission", code: "model-refused", message: "no" } } as const;
    const { ranked, model } = await drafted([refused]);
    expect(model).toMatchObject({ kind: "failed", failure: { code: "model-refused" } });
    expect(ranked.every(({ origin }) => origin === "offline")).toBe(true);
    expect(ranked[0]?.calls.map(({ tool }) => tool)).toEqual([WEATHER.name]);
  });

  it("are told apart from a model that plans something else than the words say", async () => {
    const { ranked } = await drafted([answer(step("n", "news.search", { query: value("Oslo") }))]);
    const of = (origin: string): number => ranked.find((one) => one.origin === origin)?.parts.tools ?? 0;
    expect(of("offline")).toBeGreaterThan(0);
    expect(of("model")).toBeGreaterThan(0);
    expect(of("model")).toBeLessThan(1);
  });
});
