import { describe, expect, it } from "vitest";
import type { Json } from "#events/json.ts";
import { analysed } from "#src/planning/analysis/analyse.ts";
import { followed, type Followed } from "#src/planning/conversation/follow-up.ts";
import { withReferences } from "#src/planning/conversation/references.ts";
import { requestsIn, MAX_REQUESTS } from "#src/planning/conversation/requests-in.ts";
import {
  MAX_BYTES,
  MAX_TURNS,
  NEW_SESSION,
  remembered,
  type Session,
  type Turn,
} from "#src/planning/conversation/session.ts";
import { drafts, planner } from "#src/planning/drafting/planner.ts";
import { CATALOG, NOW } from "../travel.ts";

const PLANNER = planner(CATALOG, { now: NOW });

function turnOf(text: string, more: Partial<Turn> = {}): Turn {
  const read = analysed(text, { now: NOW });
  if (read.kind !== "analysed") throw new Error(read.why.message);
  const [draft] = drafts(PLANNER, text, NOW);
  return { plan: "p1", text, at: NOW, calls: draft?.calls ?? [], results: [], state: "succeeded", ...more };
}

const sessionOf = (text: string, more: Partial<Turn> = {}): Session => remembered(NEW_SESSION, turnOf(text, more));
const WEATHER = sessionOf("What is the weather forecast for Lisbon?", {
  results: [{ plan: "p1", path: ["forecast"], name: "forecast", tool: "weather.forecast" }],
});
const FLIGHTS = sessionOf("Find flights from Oslo to Rome on March 3, 2027", {
  results: [{ plan: "p1", path: ["flights"], name: "flights", tool: "travel.search_flights", items: 3 }],
});

function follow(text: string, session: Session, answers: Readonly<Record<string, Json>> = {}): Followed {
  return followed(text, session, { entries: CATALOG, now: NOW, answers });
}

describe("a follow-up", () => {
  it.each([
    "The same for Oslo",
    "and for Oslo?",
    "And Oslo?",
    "What about Oslo?",
    "do the same for Oslo, please",
    "I meant Oslo",
    "no, Oslo",
    "Oslo instead",
    "Sorry, I meant Oslo.",
  ])("has the new value where one of its kind was: %s", (text) => {
    const result = follow(text, WEATHER);
    expect(result).toMatchObject({
      kind: "again",
      of: "p1",
      text: "What is the weather forecast for Oslo?",
      calls: [{ tool: "weather.forecast", arguments: { city: { kind: "said", value: "Oslo" } } }],
      replaced: [{ parameter: "city", before: "Lisbon", value: "Oslo" }],
    });
  });

  it("keeps the rest, with places in the text as it now stands", () => {
    const result = follow("the same on March 12, 2027", FLIGHTS);
    if (result.kind !== "again") throw new Error("a repetition was expected");
    expect(result.text).toBe("Find flights from Oslo to Rome on March 12, 2027");
    for (const { arguments: given } of result.calls)
      for (const source of Object.values(given))
        if (source.kind === "said") expect(result.text.slice(source.said.from, source.said.to)).toBe(source.said.words);
    expect(result.replaced).toMatchObject([{ parameter: "date", value: "2027-03-12" }]);
  });

  it("goes by the word before the value where two are of its kind", () => {
    expect(follow("and from Bergen?", FLIGHTS)).toMatchObject({
      text: "Find flights from Bergen to Rome on March 3, 2027",
    });
    expect(follow("and to Lima?", FLIGHTS)).toMatchObject({ text: "Find flights from Oslo to Lima on March 3, 2027" });
  });

  it("is a question where it could be either, and the answer decides", () => {
    const result = follow("I meant Bergen", FLIGHTS);
    expect(result).toMatchObject({
      kind: "question",
      questions: [{ choices: [{ value: "Oslo" }, { value: "Rome" }] }],
    });
    const [question] = result.kind === "question" ? result.questions : [];
    const answered = follow("I meant Bergen", FLIGHTS, { [question?.id ?? ""]: "Oslo" });
    expect(answered).toMatchObject({ kind: "again", text: "Find flights from Bergen to Rome on March 3, 2027" });
  });

  it("says an option that was a default before", () => {
    expect(follow("the same in business", FLIGHTS)).toMatchObject({
      kind: "again",
      replaced: [{ parameter: "cabinClass", value: "business" }],
    });
  });

  it.each(["do it again", "Again!", "once more", "repeat that", "the same again"])(
    "is the same once more: %s",
    (text) => {
      expect(follow(text, WEATHER)).toMatchObject({
        kind: "again",
        text: "What is the weather forecast for Lisbon?",
        replaced: [],
      });
    },
  );

  it.each(["cancel that", "Stop.", "never mind", "forget it", "please cancel the last request"])(
    "takes it back: %s",
    (text) => {
      expect(follow(text, WEATHER)).toEqual({ kind: "cancel", of: "p1" });
    },
  );

  it.each([
    "cancel that flight to Oslo",
    "and find news about Rome",
    "Actually search news about Oslo",
    "find out that he left",
    "Fetch https://example.org/ and summarize it",
  ])("is none where a request stands alone: %s", (text) => {
    expect(follow(text, WEATHER)).toMatchObject({ kind: "new", references: [] });
  });

  it("asks where a value fits nowhere, and invents no place for it", () => {
    expect(
      follow("do it again for ann@example.org", sessionOf("What is the weather forecast for Lisbon?")).kind,
    ).not.toBe("cancel");
    expect(follow("and $5?", WEATHER)).toMatchObject({ kind: "question" });
  });

  it.each([
    ["Send that to Ann", "that"],
    ["send it to ann@example.org", "it"],
    ["Translate the result into French", "the result"],
    ["email this forecast to Ann", "this forecast"],
  ])("refers to an earlier result by its place: %s", (text, words) => {
    expect(follow(text, WEATHER)).toMatchObject({
      kind: "new",
      references: [{ words, input: "result", place: { plan: "p1", path: ["forecast"] } }],
    });
  });

  it("refers to one item of a list", () => {
    expect(follow("Send the second one to Ann", FLIGHTS)).toMatchObject({
      references: [{ place: { plan: "p1", path: ["flights", "1"] } }],
    });
    expect(follow("use the first one instead", FLIGHTS)).toEqual({
      kind: "item",
      of: "p1",
      item: { plan: "p1", path: ["flights", "0"] },
    });
    expect(follow("no, the last", FLIGHTS)).toMatchObject({ item: { path: ["flights", "2"] } });
  });

  it("is asked about where there are several results, or none", () => {
    const none = sessionOf("What is the weather forecast for Lisbon?");
    expect(follow("Send that to Ann", none)).toMatchObject({ kind: "question" });
    expect(follow("no, the second", none)).toMatchObject({ kind: "question" });
  });

  it("answers a question that is open", () => {
    const offers = [
      {
        question: "q",
        choices: [
          { value: "a", text: "A" },
          { value: "b", text: "B" },
        ],
      },
    ];
    const asked = sessionOf("Find flights", { state: "asked", offers });
    expect(follow("no, the second", asked)).toEqual({ kind: "answer", of: "p1", question: "q", value: "b" });
    expect(follow("option 1", asked)).toMatchObject({ kind: "answer", value: "a" });
    expect(follow("the ninth", asked)).toMatchObject({ kind: "question" });
  });

  it("stands alone where nothing was said before, or what was is cancelled", () => {
    expect(follow("the same for Oslo", NEW_SESSION)).toMatchObject({ kind: "new" });
    expect(follow("the same for Oslo", sessionOf("Find flights", { state: "cancelled" }))).toMatchObject({
      kind: "new",
    });
  });

  it.each([
    "no, ".repeat(2_000),
    "the same ".repeat(900),
    "and ".repeat(2_000),
    `${" ".repeat(8_000)}it`,
    "it ".repeat(2_700),
    "x".repeat(1_000_000),
  ])("that is made to take long does not ($#)", (text) => {
    const began = performance.now();
    follow(text, FLIGHTS);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it("gives a plan the place of a result, and nothing of what stands there", () => {
    const result = follow("Send that to Ann", WEATHER);
    const [draft] = drafts(PLANNER, "Find flights from Oslo to Rome on March 3, 2027", NOW);
    if (result.kind !== "new" || draft === undefined) throw new Error("a reference and a draft were expected");
    const lacking = { ...draft, calls: [{ tool: "news.search", arguments: {}, missing: ["query"], sureness: 0 }] };
    const { draft: bound, bound: places } = withReferences(lacking, result.references, CATALOG);
    expect(bound.calls[0]?.missing).toEqual([]);
    expect(places).toMatchObject([{ call: 0, parameter: "query", reference: { place: { plan: "p1" } } }]);
  });
});

describe("a session", () => {
  it("keeps the last turns, and no more than its bytes", () => {
    let session = NEW_SESSION;
    for (let at = 0; at < MAX_TURNS + 5; at += 1)
      session = remembered(session, turnOf("Find flights", { plan: `p${at}` }));
    expect(session.turns).toHaveLength(MAX_TURNS);
    expect(session.turns.at(-1)?.plan).toBe(`p${MAX_TURNS + 4}`);
    for (let at = 0; at < MAX_TURNS; at += 1)
      session = remembered(session, { ...turnOf("Find flights", { plan: `q${at}` }), text: "x".repeat(8_000) });
    expect(JSON.stringify(session).length).toBeLessThanOrEqual(MAX_BYTES + 100);
    expect(session.turns.at(-1)?.plan).toBe(`q${MAX_TURNS - 1}`);
  });

  it("has a plan once, as it was told last", () => {
    const session = remembered(WEATHER, turnOf("What is the weather forecast for Lisbon?", { state: "failed" }));
    expect(session.turns.map(({ state }) => state)).toEqual(["failed"]);
  });
});

describe("the requests in a text", () => {
  const textsIn = (text: string): readonly string[] => requestsIn(text).map((one) => one.text);

  it.each([
    ["1. Find flights to Oslo.\n2. Get the weather in Lima", ["Find flights to Oslo.", "Get the weather in Lima."]],
    ["- find gyms in Rome\n- email bob@example.org", ["find gyms in Rome.", "email bob@example.org."]],
    ["Find news about cats and also book a table at Luigi's", ["Find news about cats.", "book a table at Luigi's."]],
    [
      "Find flights to Oslo. Also, what is the weather in Lima?",
      ["Find flights to Oslo.", "Also, what is the weather in Lima?"],
    ],
  ])("are several where they share nothing: %s", (text, texts) => {
    expect(textsIn(text)).toEqual(texts);
  });

  it.each([
    "Read a.txt, then translate it. Send the result to Ann.",
    "Find flights to Oslo. Also find hotels in Oslo.",
    "Cancel my ticket T123. Please tell me the reason.",
    "Find gyms in London. Also, recommend a good restaurant.",
    "Hello!",
    "",
  ])("are one where one takes from the other, or there is only one: %s", (text) => {
    expect(requestsIn(text)).toHaveLength(1);
  });

  it("all have what bounds the work, wherever it was said", () => {
    const texts = textsIn("1. Find flights to Oslo.\n2. Get news about Lima.\nDo not use send_sms. The budget is $5.");
    expect(texts).toHaveLength(2);
    for (const text of texts) expect(text).toMatch(/Do not use send_sms.*budget is \$5/su);
  });

  it("are bounded, and nothing of the text is lost", () => {
    const text = Array.from({ length: 15 }, (_, at) => `${at + 1}. Find flights to Town${at}`).join("\n");
    expect(requestsIn(text)).toHaveLength(MAX_REQUESTS);
    for (let at = 0; at < 15; at += 1) expect(textsIn(text).join("\n")).toContain(`Town${at}`);
  });
});
