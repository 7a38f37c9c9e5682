import { describe, expect, it } from "vitest";
import type { Fact } from "#events/catalog.ts";
import type { Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import { answersView, type KnownAnswer, type Shelf } from "#projections/answers-view.ts";
import { dispatched, failed, NOW, PLAN, succeeded } from "../machines/plans.ts";

/** What is remembered after some facts, kept as a projector keeps them; a second later each. */
function remembered(...facts: readonly Fact[]): readonly KnownAnswer[] {
  const shelves = new Map<string, Shelf>();
  const memory = new Map<string, { readonly tool: string; readonly hash: string }>();
  facts.forEach((fact, second) => {
    const viewed = { plan: PLAN, fact, at: NOW + second * 1_000 };
    const place = answersView.memory?.key(viewed);
    const asked = place === undefined ? undefined : memory.get(place);
    const key = answersView.key(viewed, asked);
    if (key !== undefined)
      shelves.set(key, answersView.evolve(shelves.get(key) ?? answersView.initial(), viewed, asked));
    const next = answersView.memory?.evolve(asked, viewed);
    if (place === undefined) return;
    if (next === undefined) memory.delete(place);
    else memory.set(place, next);
  });
  expect(memory.size).toBe(0);
  return [...shelves.values()].flatMap(({ answers }) => answers);
}

/** A call, and what it gave. */
function call(argsHash: string, output: Json, more: object = {}): readonly Fact[] {
  return [dispatched("a", { argsHash, ...more }), succeeded("a", { output: inline(output) })];
}

describe("what calls gave", () => {
  it("is kept by the call, the last answer of each, with its time", () => {
    expect(remembered(...call("aa1", 1), ...call("bb1", 2), ...call("aa1", 3))).toEqual([
      { tool: "test.tool", hash: "aa1", output: 3, at: NOW + 5_000 },
      { tool: "test.tool", hash: "bb1", output: 2, at: NOW + 3_000 },
    ]);
  });

  it("is bounded: of a shelf the oldest gives way, and what is long is not kept", () => {
    const many = Array.from({ length: 9 }, (_, number) => call(`aa${number}`, number)).flat();
    expect(remembered(...many).map(({ output }) => output)).toEqual([5, 6, 7, 8]);
    expect(remembered(...call("aa1", "x".repeat(4_097)))).toEqual([]);
  });

  it.each([
    ["was given a secret", { args: inline({ token: { $secret: "TOKEN" } }) }],
    ["had arguments that are kept apart", { args: { ref: "0".repeat(64), bytes: 1, mediaType: "application/json" } }],
    ["planned", { tool: "planwright.plan" }],
    ["took something back", { undoes: "other" }],
  ])("is not remembered of a call that %s", (_, more) => {
    expect(remembered(...call("aa1", 1, more))).toEqual([]);
  });

  it("is nothing where the call failed", () => {
    expect(remembered(dispatched("a", { argsHash: "aa1" }), failed("a"))).toEqual([]);
  });
});
