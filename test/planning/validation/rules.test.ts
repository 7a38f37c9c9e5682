import { describe, expect, it } from "vitest";
import type { Granted } from "#src/planning/validation/grounds.ts";
import type { PlanEstimate } from "#src/planning/estimate/plan-estimate.ts";
import { estimated } from "#src/planning/estimate/estimate.ts";
import { limitsFrom } from "#src/config/limits.ts";
import { validated } from "#src/planning/validation/validate.ts";
import { definitionOf, findingsOf, found, plan, tools } from "./checked.ts";

const SEND = `send: { tool: text.send, with: { to: x, text: y } }`;
const PAY = `tool: money.pay, with: { to: x, amount: 1 }`;

describe("permission to use tools", () => {
  const allowed = (granted: Granted, text = plan(SEND)) =>
    found(text, { granted: { approveIrreversible: false, ...granted } });

  it("is for reading everybody's, and granted for effects", () => {
    expect(allowed({ sideEffects: [] }, plan(`one: { tool: state.read }`))).toEqual([]);
    expect(allowed({ sideEffects: ["irreversible"] })).toEqual(["error effect-not-granted steps.send.tool"]);
    expect(allowed({ sideEffects: ["write"] })).toEqual([]);
    expect(allowed({ sideEffects: ["write"] }, plan(`pay: { ${PAY} }`))).toEqual([
      "error effect-not-granted steps.pay.tool",
    ]);
  });

  it("may be taken away by name or by the beginning of names", () => {
    expect(allowed({ forbidden: ["text.send"] })).toEqual(["error tool-forbidden steps.send.tool"]);
    expect(allowed({ forbidden: ["text.*"] })).toEqual(["error tool-forbidden steps.send.tool"]);
    expect(allowed({ forbidden: ["text.sent", "tex"] })).toEqual([]);
  });

  it("counts for fallbacks, undo calls and who looks for an effect, and inside of steps and called plans", () => {
    const text = plan(
      `a: { tool: anything, with: { value: 1 }, fallback: [{ tool: person.list }] }\nb: { tool: text.send, with: { to: x, text: y }, undo: { tool: text.recall, with: { id: x } }, unknown: { verify: { tool: person.find, with: { id: a } }, done: "\${true}", output: { id: a } } }\nc: { each: [1], do: { steps: { d: { tool: person.list } } } }\ne: { repeat: { tool: person.list }, until: "\${true}", max: 2 }\nf: { call: other }`,
    );
    const called = ["plan: other\nsteps:\n  a: { tool: person.list }\n"];
    const granted = { forbidden: ["person.*", "text.recall"] };
    expect(found(text, { granted, called })).toEqual([
      "error tool-forbidden steps.a.fallback[0].tool",
      "error tool-forbidden steps.b.undo.tool",
      "error tool-forbidden steps.b.unknown.verify.tool",
      "error tool-forbidden steps.c.do.steps.d.tool",
      "error tool-forbidden steps.e.repeat.tool",
      "error tool-forbidden steps.f.call",
    ]);
  });

  it("is what a tool asks for, in so many words", () => {
    const asking = {
      ...tools.get("text.send")!,
      permissions: ["mail:send", "mail:read"],
    };
    const catalog = {
      get: (name: string) => (name === "text.send" ? asking : tools.get(name)),
    };
    const [finding] = findingsOf(plan(SEND), {
      catalog,
      granted: { permissions: ["mail:read"] },
    });
    expect(finding).toMatchObject({
      code: "permission-not-granted",
      path: ["steps", "send", "tool"],
    });
    expect(finding?.message).toContain("mail:send");
    expect(findingsOf(plan(SEND), { catalog, granted: { permissions: ["mail:*"] } })).toEqual([]);
  });

  it("is nobody's to give for a tool that is gone", () => {
    expect(found(plan(SEND), { catalog: { get: () => undefined } })).toEqual(["error unknown-tool steps.send.tool"]);
  });
});

describe("a step that nothing takes back", () => {
  const asked = (steps: string, granted: Granted = {}) => found(plan(steps), { granted });

  it("says so", () => {
    const unasked = { approveIrreversible: false };
    expect(asked(`pay: { ${PAY}, irreversible: false }`, unasked)).toEqual(["error irreversible-unmarked steps.pay"]);
    expect(asked(`pay: { ${PAY} }`, unasked)).toEqual([]);
    expect(asked(`pay: { ${PAY}, undo: { tool: state.read } }`, unasked)).toEqual([]);
  });

  it("says so of its fallbacks, for which no undo is written", () => {
    const step = (more: string) => `read: { tool: anything, with: { value: 1 }, fallback: [{ ${PAY} }]${more} }`;
    const unasked = { approveIrreversible: false };
    expect(asked(step(""), unasked)).toEqual(["error irreversible-unmarked steps.read.fallback[0]"]);
    expect(asked(step(", undo: { tool: state.read }"), unasked)).toEqual([
      "error irreversible-unmarked steps.read.fallback[0]",
    ]);
    expect(asked(step(", irreversible: true"), unasked)).toEqual([]);
  });

  it("is approved before, by a need of its own or of the step around it", () => {
    expect(asked(`pay: { ${PAY} }`)).toEqual(["error irreversible-unapproved steps.pay"]);
    expect(asked(`ask: { approve: {} }\npay: { ${PAY}, needs: [ask] }`)).toEqual([]);
    expect(asked(`ask: { approve: {} }\nall: { each: [1], do: { ${PAY} }, needs: [ask] }`)).toEqual([]);
    expect(asked(`all: { each: [1], do: { ${PAY} } }`)).toEqual(["error irreversible-unapproved steps.all.do"]);
  });

  it("is not covered by an approval further back, which is suggested as a need", () => {
    const steps = `ask: { approve: {} }\nmid: { tool: state.read, needs: [ask] }\npay: { ${PAY}, needs: [mid] }`;
    const [finding] = findingsOf(plan(steps), { granted: {} });
    expect(finding).toMatchObject({
      code: "irreversible-unapproved",
      suggestion: "needs: [ask]",
    });
    expect(asked(steps.replace("needs: [mid]", "needs: [mid, ask]"))).toEqual([]);
  });

  it("is not approved where a denial has a fallback, or another need is enough", () => {
    const other = `other: { tool: state.read }`;
    const [denied] = findingsOf(plan(`ask: { approve: {}, fallback: [{ value: 1 }] }\npay: { ${PAY}, needs: [ask] }`), {
      granted: {},
    });
    expect(denied?.message).toContain("where ask is denied its fallback lets pay start");
    const raced = `ask: { approve: {} }\n${other}\npay: { ${PAY}, needs: [ask, other], join: any }`;
    expect(asked(raced)).toEqual(["error irreversible-unapproved steps.pay"]);
    expect(asked(raced.replace(", join: any", ""))).toEqual([]);
  });

  it("is let through where nobody wants to be asked", () => {
    expect(asked(`pay: { ${PAY} }`, { approveIrreversible: false })).toEqual([]);
  });
});

describe("claims on pools and resources", () => {
  const limits = limitsFrom({
    pools: { gpu: { slots: 2 } },
    resources: { tokens: { capacity: 10 } },
  });
  const text = (more: string) => plan(`one: { tool: state.read, ${more} }`);

  it("are those that are declared, and no larger", () => {
    expect(found(text("pool: cpu"), { limits })).toEqual(["error unknown-pool steps.one.pool"]);
    expect(found(text("uses: { money: 1 }"), { limits })).toEqual(["error unknown-resource steps.one.uses.money"]);
    expect(found(text("uses: { tokens: 11 }"), { limits })).toEqual(["error too-much-wanted steps.one.uses.tokens"]);
    expect(found(text("pool: gpu, uses: { tokens: 10 }"), { limits })).toEqual([]);
  });

  it("make a list narrower than it says", () => {
    const each = (concurrency: number, more: string) =>
      plan(`all: { each: [1, 2], concurrency: ${concurrency}, do: { tool: state.read, ${more} } }`);
    expect(found(each(8, "pool: gpu"), { limits })).toEqual(["warning width-limited steps.all.concurrency"]);
    expect(found(each(2, "pool: gpu"), { limits })).toEqual([]);
    expect(findingsOf(each(8, "uses: { tokens: 3 }"), { limits })[0]?.suggestion).toBe("concurrency: 3");
    expect(found(each(8, "key: one"), { limits })).toEqual(["warning width-limited steps.all.concurrency"]);
    expect(found(each(8, 'key: "k-${item}"'), { limits })).toEqual([]);
  });
});

describe("budget and deadline", () => {
  const text = plan(`all: { each: [1, 2, 3], do: { tool: person.list, retry: 2, estimate: 1s } }\n${SEND}`);
  const prices = new Map([
    ["person.list", 0.5],
    ["text.send", 0.25],
  ]);
  const estimateOf = (currency = "EUR", written = text): PlanEstimate =>
    estimated(definitionOf(written), {
      costs: {
        of: (tool) => (prices.has(tool) ? { amount: prices.get(tool) ?? 0, currency } : undefined),
      },
    });
  const codes = (granted: Granted, estimate = estimateOf()) => found(text, { granted, estimate });

  it("is the most that the plan can cost", () => {
    expect(estimateOf().cost.most).toBeCloseTo(3 * 2 * 0.5 + 0.25);
    expect(codes({ budget: { amount: 3, currency: "EUR" } })).toEqual(["error over-budget steps.all.do"]);
    expect(codes({ budget: { amount: 3.25, currency: "EUR" } })).toEqual([]);
  });

  it("does not hold for sure where a tool has no price, or one in other money", () => {
    const budget = { amount: 100, currency: "EUR" };
    prices.delete("text.send");
    const unsure = estimateOf();
    prices.set("text.send", 0.25);
    expect(codes({ budget }, unsure)).toEqual(["warning cost-unknown steps.send"]);
    expect(codes({ budget }, estimateOf("USD"))).toEqual(["error budget-currency steps"]);
    expect(codes({}, unsure)).toEqual([]);
  });

  it("is missed by half of all runs, or at risk in one of ten", () => {
    const estimate = estimateOf();
    const { p50, p90 } = estimate.durationMs;
    expect(p90).toBeGreaterThan(p50);
    expect(codes({ deadlineMs: p50 - 1 }, estimate)).toEqual(["error deadline-missed steps"]);
    expect(codes({ deadlineMs: p50 }, estimate)).toEqual(["warning deadline-at-risk steps"]);
    expect(codes({ deadlineMs: p90 }, estimate)).toEqual([]);
  });

  it("may be the plan's own, which is then what to change", () => {
    const late = `${text}\ndeadline: 100ms`;
    const [finding] = findingsOf(late, { estimate: estimateOf("EUR", late) });
    expect(finding).toMatchObject({
      code: "deadline-missed",
      path: ["deadline"],
    });
    expect(finding?.suggestion).toMatch(/^deadline: \d+s$/);
  });
});

describe("validation", () => {
  it("gives at most 200 findings, and says how many more there are", () => {
    const steps = Array.from({ length: 300 }, (_, index) => `s${index}: { tool: state.read }`).join("\n");
    const findings = findingsOf(plan(steps), { granted: { forbidden: ["*"] } });
    expect(findings).toHaveLength(201);
    expect(findings.at(-1)).toMatchObject({
      code: "too-many-findings",
      message: "100 more findings are not listed",
    });
  });

  it("takes 10,000 steps with an approval each in less than two seconds of work", () => {
    const steps = Array.from(
      { length: 5_000 },
      (_, index) => `a${index}: { approve: {} }\np${index}: { ${PAY}, needs: [a${index}] }`,
    );
    const definition = definitionOf(plan(steps.join("\n")));
    expect(definition.steps).toHaveLength(10_000);
    const began = process.cpuUsage();
    expect(validated(definition, { catalog: tools, granted: {} })).toEqual([]);
    expect(process.cpuUsage(began).user / 1_000).toBeLessThan(2_000);
  });
});
