import { describe, expect, it } from "vitest";
import type { PlanDefinition, StepDefinition } from "#events/definition.ts";
import { limitsFrom } from "#src/config/limits.ts";
import { estimated, type EstimateOptions } from "#src/planning/estimate/estimate.ts";
import type { ToolHistory } from "#src/planning/estimate/tool-history.ts";
import { definitionOf, plan } from "../validation/checked.ts";

const SECOND = 1_000;

/** Always this long, and never failing. */
function steady(seconds: number): ToolHistory {
  const duration = { p50: seconds * SECOND, p90: seconds * SECOND };
  return { attempts: 1e9, succeeded: 1e9, duration };
}

const HISTORY: ReadonlyMap<string, ToolHistory> = new Map([
  ["person.list", steady(2)],
  ["person.find", steady(3)],
  ["text.send", steady(5)],
]);
const durations = { of: (tool: string) => HISTORY.get(tool) };

function estimateOf(steps: string, options: EstimateOptions = {}) {
  return estimated(definitionOf(plan(steps)), { durations, ...options });
}

const DIAMOND = `
a: { tool: person.list }
b: { tool: person.find, with: { id: x }, needs: [a] }
c: { tool: text.send, with: { to: x, text: y }, needs: [a] }
d: { tool: person.list, needs: [b, c] }
`;

describe("the estimate of a plan", () => {
  it("is the longest chain of its needs, with slack beside it", () => {
    const { durationMs, criticalPath, steps, parallelWidth } = estimateOf(DIAMOND);
    expect(durationMs).toEqual({ p50: 9 * SECOND, p90: 9 * SECOND });
    expect(criticalPath).toEqual(["a", "c", "d"]);
    expect(parallelWidth).toEqual({ unbounded: 2, withLimits: 2 });
    expect(steps.map(({ step, start, slack, p50, basis }) => [step, start, slack, p50, basis])).toEqual([
      ["a", 0, 0, 2_000, "observed"],
      ["b", 2_000, 2_000, 3_000, "observed"],
      ["c", 2_000, 0, 5_000, "observed"],
      ["d", 7_000, 0, 2_000, "observed"],
    ]);
  });

  it("waits for slots, in the order in which steps become ready, and names whom it waits for", () => {
    const { durationMs, criticalPath, parallelWidth, steps } = estimateOf(DIAMOND, { slots: 1 });
    expect(durationMs.p50).toBe(12 * SECOND);
    expect(criticalPath).toEqual(["a", "b", "c", "d"]);
    expect(parallelWidth).toEqual({ unbounded: 2, withLimits: 1 });
    expect(steps.map(({ slack }) => slack)).toEqual([0, 0, 0, 0]);
  });

  it("starts the step of higher priority first where not all can", () => {
    const { criticalPath } = estimateOf(DIAMOND.replace("c: {", "c: { priority: 1,"), { slots: 1 });
    expect(criticalPath).toEqual(["a", "c", "b", "d"]);
  });

  it.each([
    ["pool: gpu", 6],
    ["key: one", 6],
    ["uses: { tokens: 6 }", 6],
    ["uses: { tokens: 5 }", 3],
  ])("keeps to the limits: %s takes %d s", (claim, seconds) => {
    const limits = limitsFrom({
      pools: { gpu: { slots: 1 } },
      resources: { tokens: { capacity: 10 } },
    });
    const step = `{ tool: person.find, with: { id: x }, ${claim} }`;
    expect(estimateOf(`a: ${step}\nb: ${step}`, { limits }).durationMs.p50).toBe(seconds * SECOND);
  });

  it("is ready with the first of several needs where one is enough", () => {
    const race = (join: string) =>
      `a: { tool: person.list }\nb: { tool: text.send, with: { to: x, text: y } }\nc: { tool: person.list, needs: [a, b], join: ${join} }`;
    expect(estimateOf(race("{ first: 1 }")).durationMs.p50).toBe(4 * SECOND);
    expect(estimateOf(race("{ first: 2 }")).durationMs.p50).toBe(7 * SECOND);
    // The need that was not waited for still has to end before the plan does.
    expect(estimateOf(race("any")).durationMs.p50).toBe(5 * SECOND);
  });

  it("has the items of a list beside each other, as many as may be under way", () => {
    const each = (concurrency: number) =>
      `all: { each: [1, 2, 3, 4], concurrency: ${concurrency}, do: { tool: person.list } }`;
    expect(estimateOf(each(4)).durationMs.p50).toBe(2 * SECOND);
    expect(estimateOf(each(2)).durationMs.p50).toBe(4 * SECOND);
    expect(estimateOf(each(1)).durationMs.p50).toBe(8 * SECOND);
    expect(estimateOf(each(3), { slots: 1 }).durationMs.p50).toBe(8 * SECOND);
    const [all, inside] = estimateOf(each(2)).steps;
    expect([all?.step, all?.p50, inside?.step, inside?.p50, inside?.runs]).toEqual(["all", 4_000, "all/do", 2_000, 4]);
  });

  it("keeps the work of a list that is too long to be unrolled", () => {
    const items = JSON.stringify(Array.from({ length: 10_000 }, (_, index) => index));
    const { durationMs } = estimateOf(`all: { each: ${items}, concurrency: 10, do: { tool: person.list } }`);
    expect(durationMs.p50).toBeCloseTo(2_000 * SECOND);
  });

  it("takes the length of a list from inputs where they are given, else assumes one and says so", () => {
    const steps = `all: { each: "\${inputs.id.split(',')}", concurrency: 1, do: { tool: person.list } }`;
    expect(estimateOf(steps, { inputs: { id: "a,b,c" } }).durationMs.p50).toBe(6 * SECOND);
    const { durationMs, assumptions } = estimateOf(steps);
    expect(durationMs.p50).toBe(20 * SECOND);
    expect(assumptions).toEqual([{ step: "all", what: "items", value: 10 }]);
  });

  it("has the iterations of a repetition after each other, any number as likely as another", () => {
    const { durationMs, steps, assumptions } = estimateOf(
      `again: { repeat: { tool: person.list }, until: "\${size(output) > 0}", max: 9 }`,
    );
    expect(durationMs).toEqual({ p50: 10 * SECOND, p90: 18 * SECOND });
    expect(steps[1]).toMatchObject({ step: "again/do", runs: 5 });
    expect(assumptions).toEqual([{ step: "again", what: "iterations", value: 5 }]);
  });

  it("goes through the plans that are called", () => {
    const called = ["plan: other\nsteps:\n  a: { tool: person.list }\n  b: { tool: person.list, needs: [a] }\n"];
    const definition = definitionOf(
      plan("press: { call: other }\nthen: { tool: person.list, needs: [press] }"),
      called,
    );
    const { durationMs, criticalPath } = estimated(definition, { durations });
    expect(durationMs.p50).toBe(6 * SECOND);
    expect(criticalPath).toEqual(["press/a", "press/b", "then"]);
  });

  it("waits as long as is written, and until a time that is known", () => {
    const now = Date.parse("2030-01-01T00:00:00Z");
    expect(estimateOf("a: { wait: 10s }").durationMs.p50).toBe(10 * SECOND);
    const until = 'a: { wait: { until: "2030-01-01T00:01:00Z" } }';
    expect(estimateOf(until, { now }).durationMs.p50).toBe(60 * SECOND);
    expect(estimateOf(until).assumptions).toEqual([{ step: "a", what: "time", value: 0 }]);
  });

  it("believes runs, then the plan, then assumes, and says which", () => {
    const few = { ...steady(7), attempts: 2, succeeded: 2 };
    const basis = (more: string, history?: ToolHistory) => {
      const { steps } = estimateOf(`a: { tool: person.list${more} }`, {
        durations: { of: () => history },
      });
      return [steps[0]?.basis, Math.round((steps[0]?.p50 ?? 0) / SECOND)];
    };
    expect(basis(", estimate: 30s", steady(7))).toEqual(["observed", 7]);
    expect(basis(", estimate: 30s, retry: 1", few)[0]).toBe("declared");
    expect(basis(", retry: 1", few)).toEqual(["observed", 7]);
    expect(basis(", retry: 1")[0]).toBe("assumed");
    const { steps } = estimateOf("ask: { approve: {} }");
    expect(steps[0]?.basis).toBe("assumed");
  });

  it("counts attempts that fail, the delays between them, and fallbacks", () => {
    const frail: ToolHistory = {
      attempts: 1e9,
      succeeded: 6e8,
      duration: { p50: SECOND, p90: SECOND },
    };
    const of = (tool: string) => (tool === "person.list" ? frail : HISTORY.get(tool));
    const costs = {
      of: (tool: string) => ({
        amount: tool === "person.list" ? 1 : 10,
        currency: "EUR",
      }),
    };
    const step = (more: string) => `a: { tool: person.list, retry: { attempts: 2, delay: 1s, jitter: none }${more} }`;
    const plain = estimateOf(step(""), { durations: { of }, costs });
    expect(plain.steps[0]?.expectedAttempts).toBeCloseTo(1.4, 6);
    expect(plain.durationMs).toEqual({ p50: SECOND, p90: 3 * SECOND });
    expect(plain.successShare).toBeCloseTo(0.84, 6);
    expect(plain.cost.expected).toBeCloseTo(1.4, 6);
    expect(plain.cost).toMatchObject({
      most: 2,
      currency: "EUR",
      unknownSteps: [],
    });
    const covered = estimateOf(step(", fallback: [{ value: [] }]"), {
      durations: { of },
      costs,
    });
    expect(covered.successShare).toBe(1);
  });

  it("sums what calls cost over all runs, and names who has no price", () => {
    const costs = {
      of: (tool: string) => (tool === "person.list" ? { amount: 2, currency: "EUR" } : undefined),
    };
    const { cost, steps } = estimateOf(
      `all: { each: [1, 2, 3], do: { tool: person.list, retry: 1 } }\nsend: { tool: text.send, with: { to: x, text: y } }`,
      { costs },
    );
    expect(cost.most).toBe(6);
    expect(cost.unknownSteps).toEqual(["send"]);
    expect(steps.map(({ cost: { most } }) => most)).toEqual([0, 6, 0]);
  });

  it("never has an attempt take longer than its timeout, nor a step than its deadline", () => {
    const step = (more: string) => `a: { tool: person.list, retry: 1, ${more} }`;
    expect(estimateOf(step("timeout: 1s")).durationMs.p90).toBe(SECOND);
    expect(estimateOf(step("deadline: 1s")).durationMs.p90).toBe(SECOND);
  });

  it("is the same for the same seed, and near for another", () => {
    const noisy = {
      of: () => ({ ...steady(1), duration: { p50: SECOND, p90: 4 * SECOND } }),
    };
    const one = estimateOf(DIAMOND, { durations: noisy, seed: 7 });
    expect(estimateOf(DIAMOND, { durations: noisy, seed: 7 })).toEqual(one);
    const other = estimateOf(DIAMOND, { durations: noisy, seed: 8 });
    expect(other.durationMs.p90).not.toBe(one.durationMs.p90);
    expect(Math.abs(other.durationMs.p90 / one.durationMs.p90 - 1)).toBeLessThan(0.15);
  });
});

const CALL = {
  tool: "person.list",
  version: "1.0.0",
  idempotent: true,
  timeoutMs: 60_000,
};
const RETRY = {
  attempts: 1,
  delayMs: 0,
  maxDelayMs: 0,
  backoff: "fixed" as const,
  jitter: "none" as const,
};

function layered(steps: number, width: number): PlanDefinition {
  const definition = Array.from({ length: steps }, (_, index): StepDefinition => {
    const layer = Math.floor(index / width);
    const needs = layer === 0 ? [] : [0, 1, 2].map((other) => `s${(layer - 1) * width + ((index + other) % width)}`);
    return {
      kind: "tool",
      id: `s${index}`,
      needs,
      join: "all",
      fallback: [],
      call: CALL,
      retry: RETRY,
      unknown: "ask",
    };
  });
  return {
    name: "wide",
    version: "1.0.0",
    inputs: {},
    steps: definition,
    onFailure: "stop",
  };
}

function millisecondsSince(began: NodeJS.CpuUsage): number {
  return process.cpuUsage(began).user / 1_000;
}

describe("the speed of an estimate", () => {
  it.each([Infinity, 16])("is under two seconds of work for 10,000 steps on %d slots", (slots) => {
    const definition = layered(10_000, 100);
    const noisy = {
      of: () => ({
        ...steady(1),
        duration: { p50: SECOND, p90: 4 * SECOND },
      }),
    };
    const began = process.cpuUsage();
    const { durationMs } = estimated(definition, { durations: noisy, slots });
    const took = millisecondsSince(began);
    expect(durationMs.p90).toBeGreaterThan(0);
    expect(took).toBeLessThan(2_000);
  });

  it("stays bounded for plans whose lists stand inside each other", () => {
    let steps = `{ tool: person.list }`;
    for (let depth = 0; depth < 6; depth += 1) steps = `{ each: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], do: ${steps} }`;
    const began = process.cpuUsage();
    expect(estimateOf(`a: ${steps}`).durationMs.p50).toBeGreaterThan(0);
    expect(millisecondsSince(began)).toBeLessThan(3_000);
  });
});
