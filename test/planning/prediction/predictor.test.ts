import { describe, expect, it } from "vitest";
import { MAX_CHAIN } from "#src/planning/prediction/history.ts";
import { predicted, trained, trainedStepwise } from "#src/planning/prediction/predictor.ts";
import { EXAMPLES } from "./rooms.ts";

describe("a predictor", () => {
  const predictor = trained(EXAMPLES);

  it.each([
    ["Find a room in Bergen and book it.", ["room_search", "room_booking"]],
    ["Please book the room in Bergen, then pay for it by card.", ["room_booking", "payment"]],
    ["What is the weather in Bergen? Mail it to Bob.", ["weather", "mail_sending"]],
  ])("finds the tools and their order in what was not asked before: %s", (request, chain) => {
    expect(predicted(predictor, request)).toEqual(chain);
  });

  it("answers only with tools of its examples", () => {
    const known = new Set(EXAMPLES.flatMap(({ chain }) => chain));
    for (const request of ["", "Zzz", "Sing a song and dance", "Pay, pay and pay again", "\u0000\ud800 ✗"])
      for (const tool of predicted(predictor, request)) expect(known).toContain(tool);
  });

  it("is the same from the same examples", () => {
    const again = trained(EXAMPLES);
    expect(again).toEqual(predictor);
    for (const { request } of EXAMPLES) expect(predicted(again, request)).toEqual(predicted(predictor, request));
  });

  it("is plain data: a copy answers as the original", () => {
    const copy = structuredClone(predictor);
    for (const { request } of EXAMPLES) expect(predicted(copy, request)).toEqual(predicted(predictor, request));
  });

  it("reads the beginning of a request of a megabyte, and answers as for that", () => {
    const request = "Find a room in Bergen and book it. ".repeat(30_000);
    expect(predicted(predictor, request)).toEqual(predicted(predictor, request.slice(0, 8_192)));
  });
});

describe("training", () => {
  it("without examples gives what knows nothing", () => {
    expect(predicted(trained([]), "Find a room")).toEqual([]);
  });

  it("on one example answers with its chain", () => {
    const one = trained([{ request: "Find a room", chain: ["room_search", "room_booking"] }]);
    expect(predicted(one, "Find a room")).toEqual(["room_search", "room_booking"]);
  });

  it.each([
    ["is empty", []],
    ["is longer than the longest", Array.from({ length: MAX_CHAIN + 1 }, (_, at) => `tool_${at}`)],
  ])("leaves a chain out that %s", (_what, chain) => {
    expect(trained([...EXAMPLES, { request: "Hello", chain }])).toEqual(trained(EXAMPLES));
    expect(predicted(trained([{ request: "Hello", chain }]), "Hello")).toEqual([]);
  });

  it("learns from a chain of the longest length that there is", () => {
    const chain = Array.from({ length: MAX_CHAIN }, (_, at) => `tool_${at}`);
    const long = Array.from({ length: 6 }, () => ({ request: "Do all of it at once", chain }));
    expect(predicted(trained(long), "Do all of it at once")).toEqual(chain);
  });

  it("learns from what the steps of a chain are for, but not from the names of tools in them", () => {
    const steps = ["Use payment to settle the invoice", "mail_sending: send it"];
    const bare = ["Use   to settle the invoice", " : send it"];
    const withSteps = (said: readonly string[]) =>
      trained(EXAMPLES.map((one) => (one.chain[0] === "payment" ? { ...one, steps: said } : one)));
    expect(withSteps(steps)).toEqual(withSteps(bare));
    expect(withSteps(steps)).not.toEqual(trained(EXAMPLES));
  });

  it("tells how far it is, up to the end", () => {
    const told = [...trainedStepwise(EXAMPLES)];
    expect(told.length).toBeGreaterThan(10);
    expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).toSorted((one, other) => one - other));
    for (const { done, of } of told) expect(done).toBeLessThanOrEqual(of);
  });
});
