import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "#events/json.ts";
import { answerTo, failed, STEPS, type Case } from "./failed-plan.ts";

describe("what somebody says of a step that failed", () => {
  const denied = { w: failed("permission") };
  const said = (answer: Json, more: Case = {}) =>
    answerTo({ outcomes: denied, ...more, answers: [{ step: "w", said: answer }] });
  const each = (tool: string, args: JsonObject) => ({
    w: { each: ["a@b.c"], as: "to", do: { tool, with: args } },
    v: { value: "beside it" },
  });

  it("leaves out all that cannot be without it, and what only stood before that", () => {
    const steps = {
      ...STEPS,
      ok: { approve: {} },
      m: { ...STEPS.m, needs: ["ok"] },
      v: { value: "beside it" },
      after: { value: 1, needs: ["v", "w"], join: "any" },
    };
    const more = { outputs: { v: "${steps.v.output}", m: "${steps.m.output}" }, respond: "${steps.v.output}" };
    const answer = said("skip", { steps, more });
    expect(answer).toMatchObject({ kind: "rest", steps: { v: {}, after: { needs: ["v"] } } });
    if (answer.kind !== "rest") return;
    expect(Object.keys(answer.steps)).toEqual(["v", "after"]);
    expect(answer.source["outputs"]).toEqual({ v: "${steps.v.output}" });
    expect(answer.source["respond"]).toEqual({
      $done: "Left out: w, m, ok, because w failed (permission: no).\n${steps.v.output}",
    });
    expect(answer.explanation).toContain("it is left out, and with it m, ok");
  });

  it("cannot leave out all there is", () => {
    expect(answerTo({ outcomes: denied })).toMatchObject({ kind: "ask", choices: { skip: undefined } });
    expect(said("skip")).toMatchObject({ kind: "ask" });
  });

  it("is done with all that failed at once: of another one it is asked as well", () => {
    const steps = { ...STEPS, x: { tool: "sky.find_weather", with: { city: "Rome" } } };
    const outcomes = { w: failed("permission"), x: failed("permission") };
    const both = [
      { step: "w", said: { summary: "fine", temperature: "7" } },
      { step: "x", said: "retry" },
    ];
    expect(said({ summary: "fine", temperature: "7" }, { steps, outcomes })).toMatchObject({ kind: "ask", step: "x" });
    expect(answerTo({ steps, outcomes, answers: both })).toMatchObject({
      kind: "rest",
      steps: { w_2: { value: { summary: "fine", temperature: 7 } }, x_2: steps.x },
    });
  });

  it("does not let steps inside begin anew that may have had effects", () => {
    const mails = each("mail.send", { recipient: "${to}", text: "x" });
    expect(answerTo({ outcomes: denied, steps: mails })).toMatchObject({ kind: "ask", choices: { canRetry: false } });
    expect(said("retry", { steps: mails })).toMatchObject({ kind: "ask" });
    const reads = each("meteo.get_weather", { city: "${to}" });
    expect(said("retry", { steps: reads })).toMatchObject({ kind: "rest", changed: ["w_2"] });
  });

  it("is no approval", () => {
    const steps = { w: { approve: {} }, v: { value: 1 } };
    const outcomes = { w: failed("timeout") };
    expect(answerTo({ steps, outcomes })).toMatchObject({ kind: "ask", choices: { value: undefined } });
    for (const answer of [true, null, { value: true }, "approved"])
      expect(said(answer, { steps, outcomes })).toMatchObject({ kind: "ask" });
  });
});
