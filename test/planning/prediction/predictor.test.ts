import { describe, expect, it } from "vitest";
import { predicted, trained, type Example } from "#src/planning/prediction/predictor.ts";

const CITIES = ["Oslo", "Rome", "Paris", "Lima", "Cairo", "Quito", "Delhi", "Tunis"];

const EXAMPLES: readonly Example[] = CITIES.flatMap((city) => [
  { request: `Find a room in ${city} and book it.`, chain: ["room_search", "room_booking"] },
  { request: `Please book the room in ${city}, then pay for it by card.`, chain: ["room_booking", "payment"] },
  { request: `Pay the bill in ${city} and mail me the receipt.`, chain: ["payment", "mail_sending"] },
  { request: `What is the weather in ${city}? Mail it to Ann.`, chain: ["weather", "mail_sending"] },
]);

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
    for (const request of ["", "Zzz", "Sing a song and dance", "Pay, pay and pay again"])
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

  it("knows nothing without examples", () => {
    expect(predicted(trained([]), "Find a room")).toEqual([]);
  });

  it("learns nothing from a chain that is empty", () => {
    expect(predicted(trained([{ request: "Hello", chain: [] }]), "Hello")).toEqual([]);
  });
});
