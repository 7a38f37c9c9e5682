import { describe, expect, it } from "vitest";
import type { JsonObject } from "#events/json.ts";
import { violationsOf } from "#machines/expressions/json-schema-check.ts";
import { isStrict } from "#src/model/strict-schema.ts";
import { answerSchema } from "#src/planning/with-model/answer-schema.ts";
import { NEWS, WEATHER } from "../travel.ts";
import { answer, checkOf, ENTRIES, MAIL, output, plan, step, stepsOf, value } from "./kit.ts";

const WEATHER_OSLO = step("w", "weather.forecast", { city: value("Oslo"), days: null });

describe("a plan of a model", () => {
  it("is written in the language of plans, with steps that run at once where nothing flows between them", async () => {
    const two = answer(WEATHER_OSLO, step("n", "news.search", { query: value("Oslo"), country: null, limit: null }));
    const planned = await plan("Weather and news of Oslo", [two]);
    expect(stepsOf(planned)).toEqual({
      weatherForecast: { tool: "weather.forecast", with: { city: "Oslo" } },
      newsSearch: { tool: "news.search", with: { query: "Oslo" } },
    });
    expect(planned.planning.repairs).toEqual([]);
    expect(planned.planning.spent.tries).toBe(1);
  });

  it("hands outputs on by structured paths, in texts too, in whatever order the steps are written", async () => {
    const planned = await plan("Mail the first page of news about tea to a@example.org", [
      answer(
        step("m", "mail.send", {
          to: value("a@example.org"),
          subject: null,
          body: { text: ["It says: ", { step: "p", path: ["text"] }] },
          copies: null,
        }),
        step("p", "web.fetch_page", { url: output("n", "articles", 0, "url") }),
        step("n", "news.search", { query: value("tea"), country: null, limit: null }),
      ),
    ]);
    expect(stepsOf(planned)).toMatchObject({
      webFetchPage: { with: { url: "${steps.newsSearch.output.articles[0].url}" } },
      mailSend: { with: { body: "It says: ${steps.webFetchPage.output.text}" } },
    });
  });

  it("waits for a step that it takes nothing from where the model says so", async () => {
    const later = { ...step("n", "news.search", { query: value("tea") }), after: ["w"] };
    expect(stepsOf(await plan("Weather of Oslo, then news about tea", [answer(WEATHER_OSLO, later)]))).toMatchObject({
      newsSearch: { needs: ["weatherForecast"] },
    });
  });

  it("has an approval before what nothing takes back, whatever the model says about it", async () => {
    const hostile = { ...step("m", "mail.send", { to: value("a@example.org"), body: value("hi") }), approve: false };
    const planned = await plan("Mail hi to a@example.org", [answer({ ...hostile, irreversible: false, needs: [] })]);
    expect(stepsOf(planned)).toEqual({
      approve_mailSend: expect.objectContaining({
        approve: { show: { tool: "mail.send", with: { to: "a@example.org", body: "hi" } } },
      }),
      mailSend: {
        tool: "mail.send",
        with: { to: "a@example.org", body: "hi" },
        irreversible: true,
        needs: ["approve_mailSend"],
      },
    });
  });

  it("knows which of its values the request says", async () => {
    const { planning } = await plan("Weather of Oslo", [
      answer(step("w", "weather.forecast", { city: value("Oslo"), days: value(5) })),
    ]);
    expect(planning).toMatchObject({
      calls: [{ arguments: { city: { kind: "said", said: { from: 11, words: "Oslo" } }, days: { kind: "model" } } }],
    });
  });

  it("is asked for what it lacks", async () => {
    const { planning } = await plan("Send a mail", [
      answer(step("m", "mail.send", { to: { ask: "To whom?" }, body: value("hi") })),
    ]);
    expect(planning).toMatchObject({
      kind: "asks",
      questions: [{ call: 0, tool: "mail.send", parameter: "to", question: "To whom?", isAsked: true }],
      calls: [{ tool: "mail.send", missing: ["to"] }],
    });
  });

  it("is refused where no tool fits, by the model or because none was found", async () => {
    const refusal = { json: { refusal: "nothing here paints houses", steps: [] } };
    expect((await plan("Paint my house", [refusal])).planning).toMatchObject({
      kind: "refused",
      reason: "nothing here paints houses",
    });
    const { planning, model } = await plan("Paint my house", [], { entries: [] });
    expect(planning.kind).toBe("refused");
    expect(model.requests).toHaveLength(0);
  });

  it("is the same for the same answers", async () => {
    const script = [answer(WEATHER_OSLO)];
    expect((await plan("Weather of Oslo", script)).planning).toEqual((await plan("Weather of Oslo", script)).planning);
  });
});

describe("mending a plan by what is known", () => {
  const mended = async (request: string, ...steps: JsonObject[]) => {
    const planned = await plan(request, [answer(...steps)]);
    return { steps: stepsOf(planned), repairs: planned.planning.repairs };
  };

  it("spells tools and arguments as they are spelled", async () => {
    const { steps, repairs } = await mended("Weather of Oslo", step("w", "weather_forecast", { City: value("Oslo") }));
    expect(steps).toEqual({ weatherForecast: { tool: "weather.forecast", with: { city: "Oslo" } } });
    expect(repairs).toHaveLength(1);
  });

  it.each([
    ["a number for its text", "days", "3", 3],
    ["a text for its number", "city", 90210, "90210"],
  ] as const)("takes %s where nothing is lost", async (...[, name, given, wanted]) => {
    const { steps } = await mended(
      "Weather of Oslo for 3 days",
      step("w", "weather.forecast", { city: value("Oslo"), [name]: value(given) }),
    );
    expect(steps).toMatchObject({ weatherForecast: { with: { [name]: wanted } } });
  });

  it("does not take a number for a text that says more", async () => {
    const off = step("w", "weather.forecast", { city: value("Oslo"), days: value("3 or 4") });
    const { planning, model } = await plan("Weather of Oslo", [answer(off), answer(WEATHER_OSLO)]);
    expect(planning.kind).toBe("planned");
    expect(model.requests[1]?.messages.at(-1)?.text).toContain("w.days:");
  });

  it("binds a required argument that was left out where the request surely says it", async () => {
    const { steps, repairs } = await mended(
      "Fetch https://example.org/tea please",
      step("p", "web.fetch_page", { url: null }),
    );
    expect(steps).toMatchObject({ webFetchPage: { with: { url: "https://example.org/tea" } } });
    expect(repairs[0]).toContain("url was left out");
  });

  it("takes the part of an output that is meant where all of it was named", async () => {
    const { steps } = await mended(
      "Fetch the page of news about tea",
      step("n", "news.search", { query: value("tea") }),
      step("p", "web.fetch_page", { url: output("n") }),
    );
    expect(steps).toMatchObject({ webFetchPage: { with: { url: "${steps.newsSearch.output.articles[0].url}" } } });
  });

  it("cuts a ring where what it wants can be had elsewhere", async () => {
    const { steps, repairs } = await mended(
      "Fetch https://example.org/tea and search news about it",
      step("p", "web.fetch_page", { url: output("n", "articles", 0, "url") }),
      step("n", "news.search", { query: output("p", "text") }),
    );
    expect(steps).toMatchObject({ webFetchPage: { with: { url: "https://example.org/tea" } } });
    expect(repairs.join()).toContain("waits for itself");
  });

  it("leaves doubled ids alone that nobody refers to", async () => {
    const { steps } = await mended("Weather of Oslo and Rome", WEATHER_OSLO, {
      ...WEATHER_OSLO,
      arguments: { city: value("Rome") },
    });
    expect(Object.keys(steps)).toHaveLength(2);
  });
});

describe("telling the model what is wrong", () => {
  const complaints = async (...steps: JsonObject[]) => {
    const { planning, model } = await plan("Weather of Oslo", [answer(...steps), answer(WEATHER_OSLO)]);
    expect(planning.kind).toBe("planned");
    return model.requests[1]?.messages.at(-1)?.text;
  };

  it("names a tool that was not offered, and the nearest one", async () => {
    expect(await complaints(step("w", "weather.forecasts", {}))).toMatch(
      /no tool weather.forecasts.*weather.forecast\?/,
    );
  });

  it("names an argument that the tool does not take", async () => {
    expect(await complaints(step("w", "weather.forecast", { city: value("Oslo"), hours: value(2) }))).toContain(
      "w.hours: weather.forecast takes no such argument",
    );
  });

  it("names a required argument that was left out and that nothing says", async () => {
    expect(await complaints(step("p", "web.fetch_page", {}))).toContain("p.url: web.fetch_page needs it");
  });

  it("names steps that are not there, and ids that several have", async () => {
    const page = (url: JsonObject) => step("p", "web.fetch_page", { url });
    expect(await complaints(page(output("nobody", "url")))).toContain("refers to a step nobody that is not there");
    expect(await complaints(WEATHER_OSLO, WEATHER_OSLO, page(output("w", "summary")))).toContain(
      "several steps have the id w",
    );
  });

  it("names a part that an output does not have", async () => {
    expect(await complaints(WEATHER_OSLO, step("n", "news.search", { query: output("w", "temprature") }))).toMatch(
      /has no temprature, but summary, temperature; did you mean temperature/,
    );
  });

  it("passes on what the check of the plan finds, by the model's own ids", async () => {
    const send = step("send", "mail.send", { to: value("a@example.org"), body: value("hi") });
    const check = checkOf(ENTRIES, { forbidden: ["mail.*"] });
    const { planning, model } = await plan("Weather of Oslo", [answer(send), answer(WEATHER_OSLO)], { check });
    expect(planning.kind).toBe("planned");
    expect(model.requests[1]?.messages.at(-1)?.text).toMatch(/send\.tool: .*mail\.send.*tool-forbidden/);
  });

  it("gives what it has with questions where the last answer only leaves arguments out", async () => {
    const lacking = answer(step("p", "web.fetch_page", {}));
    const { planning } = await plan("Fetch the page", [lacking, lacking, lacking]);
    expect(planning).toMatchObject({ kind: "asks", questions: [{ parameter: "url", isAsked: false }] });
  });
});

describe("the schema of a model's plan", () => {
  it("is one that providers keep to strictly, with each tool's own arguments", () => {
    const schema = answerSchema(ENTRIES);
    expect(isStrict(schema)).toBe(true);
    const good = answer(step("w", "weather.forecast", { city: value("Oslo"), days: null })).json;
    expect(violationsOf(schema, good)).toEqual([]);
    const bad = answer(step("w", "weather.forecast", { city: value(7), days: null })).json;
    expect(violationsOf(schema, bad)).not.toEqual([]);
    expect(JSON.stringify(schema)).not.toMatch(/minimum|maxLength|maxItems|oneOf|allOf/);
  });

  it("lists arguments by name where the tools are many, strict as well, and reads them", async () => {
    const many = Array.from({ length: 19 }, (_, at) => ({ ...WEATHER, name: `weather.forecast${at}` }));
    const wide = many.map((entry) => ({
      ...entry,
      parameters: Array.from({ length: 6 }, (_, at) => ({
        ...WEATHER.parameters[0]!,
        path: [`city${at}`],
        isRequired: false,
      })),
    }));
    expect(JSON.stringify(answerSchema(wide))).toContain('"source"');
    expect(isStrict(answerSchema(wide))).toBe(true);
    const listed = { id: "w", tool: "weather.forecast", arguments: [{ name: "city", source: value("Oslo") }] };
    expect(stepsOf(await plan("Weather of Oslo", [answer(listed)]))).toEqual({
      weatherForecast: { tool: "weather.forecast", with: { city: "Oslo" } },
    });
  });

  it("offers only the tools that it is given", () => {
    expect(JSON.stringify(answerSchema([NEWS, WEATHER]))).not.toContain(MAIL.name);
  });
});
