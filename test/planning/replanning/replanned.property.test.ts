import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentHash } from "#events/canonical.ts";
import type { PlanDefinition, StepDefinition, ToolCall } from "#events/definition.ts";
import { ERROR_CATEGORIES, errorOf } from "#events/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { compileTemplate } from "#machines/expressions/template.ts";
import { doesOtherwise } from "#machines/revision.ts";
import { analysed, type Analysis } from "#src/planning/analysis/analyse.ts";
import { capabilitiesOf } from "#src/planning/fallbacks/capabilities.ts";
import { withFallbacks } from "#src/planning/fallbacks/with-fallbacks.ts";
import { keepingBegun, MAX_REPLANNINGS, replanned, type Replanned } from "#src/planning/replanning/replanned.ts";
import type { Replanning, StepOutcome } from "#src/planning/replanning/situation.ts";
import { SeededRandom } from "#src/testing/seeded-random.ts";
import { randomPlans } from "../random-calls.ts";
import { checked, ENTRIES } from "../substitutable.ts";

// Plans whose steps fail as chance will have it, and go on as replanning says, until they are done or given up.

const CAPABILITIES = capabilitiesOf(ENTRIES);
const NOW = Date.UTC(2026, 10, 28);
const REQUEST = "Find news about tea in Oslo and mail a@b.c the weather of Lima, limit 7";

function analysis(): Analysis {
  const result = analysed(REQUEST, { now: NOW });
  if (result.kind === "unreadable") throw new Error(result.why.message);
  return result.analysis;
}

function definitionOf(source: JsonObject): PlanDefinition {
  const found = checked(source);
  if (!found.ok) throw new Error(found.findings.map(({ code, message }) => `${code}: ${message}`).join("; "));
  return found.definition;
}

/** What a schema allows, lists of none or one. */
function sample(schema: Readonly<Record<string, unknown>>, random: SeededRandom): Json {
  if (schema["type"] === "string") return "x";
  if (schema["type"] === "boolean") return true;
  const items = schema["items"];
  if (schema["type"] === "array") return isJsonObject(items) && random.chance(0.6) ? [sample(items, random)] : [];
  const properties = schema["properties"];
  if (!isJsonObject(properties)) return 1;
  return Object.fromEntries(
    Object.entries(properties).map(([name, part]) => [name, isJsonObject(part) ? sample(part, random) : null]),
  );
}

type Plan = Pick<Replanning, "definition" | "outcomes" | "tried" | "answers" | "replannings">;

/** Arguments of a call now; undefined where they cannot be told. */
function resolved(given: JsonObject, outcomes: Plan["outcomes"]): JsonObject | undefined {
  const compiled = compileTemplate(given);
  const result = compiled.ok
    ? compiled.template.evaluate({ inputs: {}, steps: (id) => outcomes[id]?.output })
    : undefined;
  return result?.ok === true && isJsonObject(result.value) ? result.value : undefined;
}

const isReady = (step: StepDefinition, { outcomes }: Plan): boolean =>
  outcomes[step.id] === undefined && step.needs.every((need) => outcomes[need]?.state === "succeeded");

/** One step, with all its fallbacks, ends somehow. */
function run(step: StepDefinition, plan: Plan, random: SeededRandom): Plan {
  const { outcomes } = plan;
  const end = (outcome: StepOutcome, tried = plan.tried): Plan => {
    return { ...plan, tried, outcomes: { ...outcomes, [step.id]: outcome } };
  };
  if (step.kind !== "tool") return end({ state: "succeeded", output: null });
  const given = resolved(step.call.with ?? {}, outcomes);
  if (given === undefined)
    return end({ state: "failed", error: errorOf("validation", "index-out-of-range", "there is no item 0") });
  const entry = ENTRIES.find(({ name }) => name === step.call.tool);
  if (random.chance(0.5)) return end({ state: "succeeded", output: sample(entry?.outputSchema ?? {}, random) });
  const error = errorOf(
    random.pick(ERROR_CATEGORIES),
    "test",
    random.pick(["city: no such one", "query is wrong", ""]),
  );
  const others = step.fallback.flatMap((one) => ("tool" in one ? [{ tool: one.tool, with: one.with ?? {} }] : []));
  const failed = [{ tool: step.call.tool, with: step.call.with ?? {} }, ...others].flatMap((call) => {
    const now = resolved(call.with, outcomes);
    return now === undefined ? [] : [hash(call.tool, now)];
  });
  return end({ state: "failed", error }, [...plan.tried, ...failed]);
}

function surroundings(plan: Plan, step: string): Replanning {
  const cause = { kind: "failed", step } as const;
  return { ...plan, cause, analysis: analysis(), entries: ENTRIES, forbidden: ["press.*"], now: NOW };
}

const hash = (tool: string, given: JsonObject | undefined) =>
  contentHash({ tool, version: "1.0.0", args: given ?? null });

/** What holds of every rest. */
function judge(plan: Plan, answer: Extract<Replanned, { kind: "rest" }>): PlanDefinition {
  const after = keepingBegun(plan.definition, definitionOf(answer.source), plan);
  const begun = Object.keys(plan.outcomes).filter((id) => plan.outcomes[id]?.state === "succeeded");
  for (const id of begun) {
    const [was, is] = [plan.definition, after].map((one) => one.steps.find((step) => step.id === id));
    if (was === undefined || is === undefined) throw new Error(`${id} is gone`);
    expect(doesOtherwise({ step: was, plan: plan.definition }, { step: is, plan: after })).toBe(false);
    expect(answer.steps).not.toHaveProperty(id);
    expect(answer.changed).not.toContain(id);
  }
  expect(answer.changes.length).toBeGreaterThan(0);
  for (const id of answer.changed) for (const call of callsOf(id, after)) judgeCall(call, id, { plan, after });
  return after;
}

/** Its own first. */
function callsOf(id: string, { steps }: PlanDefinition): readonly ToolCall[] {
  const step = steps.find((one) => one.id === id);
  if (step?.kind !== "tool") return [];
  return [step.call, ...step.fallback.flatMap((one) => ("tool" in one ? [one] : []))];
}

function judgeCall(call: ToolCall, id: string, { plan, after }: { plan: Plan; after: PlanDefinition }): void {
  expect(isAllowed(call.tool, plan.definition)).toBe(true);
  const isLater =
    call === callsOf(id, after)[0] && after.steps.some((step) => step.id === `${id.replace(/_\d+$/, "")}_wait`);
  const made = new Set(plan.tried);
  if (!isLater) expect(made.has(hash(call.tool, resolved(call.with ?? {}, plan.outcomes)))).toBe(false);
}

/** One of the plan's own tools, or one that is no stronger than one of them. */
function isAllowed(tool: string, { steps }: PlanDefinition): boolean {
  const entryOf = (name: string) => ENTRIES.find((entry) => entry.name === name);
  const own = steps.flatMap((step) => (step.kind === "tool" ? [entryOf(step.call.tool)] : []));
  const other = entryOf(tool);
  if (own.includes(other)) return true;
  return (
    !tool.startsWith("press.") &&
    own.some((one) => one?.sideEffects === other?.sideEffects) &&
    other?.permissions === undefined
  );
}

/** Until nothing is left to do, or it was given up. */
function live(source: JsonObject, random: SeededRandom): { readonly rests: number; readonly end: string } {
  let plan: Plan = { definition: definitionOf(source), outcomes: {}, tried: [], answers: [], replannings: 0 };
  for (let turn = 0; turn < 200; turn += 1) {
    const next = plan.definition.steps.find((step) => isReady(step, plan));
    if (next !== undefined) plan = run(next, plan, random);
    const failed = Object.keys(plan.outcomes).find((id) => plan.outcomes[id]?.state === "failed");
    if (failed === undefined) {
      if (next === undefined) return { rests: plan.replannings, end: "done" };
      continue;
    }
    const around = surroundings(plan, failed);
    const answer = replanned(around);
    expect(replanned(around)).toEqual(answer);
    if (answer.kind === "give-up" || answer.kind === "stopped") return { rests: plan.replannings, end: "given up" };
    if (answer.kind === "ask") plan = { ...plan, answers: [...plan.answers, { step: answer.step, said: null }] };
    else {
      const definition = judge(plan, answer);
      const ids = new Set(definition.steps.map(({ id }) => id));
      const kept = Object.entries(plan.outcomes).filter(([id, { state }]) => ids.has(id) && state === "succeeded");
      plan = { ...plan, definition, outcomes: Object.fromEntries(kept), replannings: plan.replannings + 1 };
    }
  }
  return { rests: plan.replannings, end: "never" };
}

describe("replanning of a random plan that fails at random", () => {
  it("keeps what is done, calls nothing again that failed, takes nothing stronger, and comes to an end", () => {
    const ends: Record<string, number> = {};
    let rests = 0;
    fc.assert(
      fc.property(randomPlans, fc.integer(), fc.boolean(), (plan, seed, isPrepared) => {
        const options = { now: NOW, forbidden: ["press.*"] };
        const source = isPrepared ? withFallbacks(plan, CAPABILITIES, options).source : plan;
        const life = live(source, new SeededRandom(seed));
        expect(life.rests).toBeLessThanOrEqual(MAX_REPLANNINGS);
        ends[life.end] = (ends[life.end] ?? 0) + 1;
        rests += life.rests;
      }),
      { numRuns: 600 },
    );
    expect(ends["never"]).toBeUndefined();
    expect(ends["done"]).toBeGreaterThan(20);
    expect(ends["given up"]).toBeGreaterThan(20);
    expect(rests).toBeGreaterThan(50);
  });
});
