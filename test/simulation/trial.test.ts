import { describe, expect, it } from "vitest";
import type { PlanDefinition } from "#events/definition.ts";
import { UNLIMITED } from "#src/ports/limits.ts";
import { FAULT_KINDS } from "#src/simulation/fault-kinds.ts";
import { standIns, type OutputScript } from "#src/simulation/stand-in-tools.ts";
import { tryPlan, type Trial } from "#src/simulation/trial.ts";
import { checkedPlan } from "#src/testing/checked-plan.ts";
import { scriptedTool } from "#src/testing/scripted-tool.ts";
import { registry } from "#src/tools/registry.ts";

// One plan, one kind of fault: what becomes of it is what its words say.

const TOOLS = [
  scriptedTool("shop.pay", [], { idempotent: false }),
  scriptedTool("shop.look", [], { sideEffects: "read" }),
];

interface Asked {
  readonly fault?: string;
  readonly seed?: number;
  readonly script?: OutputScript;
}

async function tried(source: string, { fault, seed = 1, script = {} }: Asked = {}): Promise<Trial> {
  const { definition } = checkedPlan(source, { tools: registry(TOOLS) });
  const kind = FAULT_KINDS.find(({ name }) => name === fault);
  expect(kind?.name).toBe(fault);
  const tools = standIns(TOOLS, { "shop.pay": "paid", "shop.look": { done: true }, ...script });
  return tryPlan({ definition, inputs: {}, tools, limits: UNLIMITED, seed, ...(kind === undefined ? {} : { kind }) });
}

/** How so many runs end, each with another seed. */
async function endings(source: string, fault: string, runs = 12): Promise<readonly Trial[]> {
  const trials: Trial[] = [];
  for (let seed = 1; seed <= runs; seed++) trials.push(await tried(source, { fault, seed }));
  return trials;
}

const statusesOf = (trials: readonly Trial[]): readonly string[] =>
  [...new Set(trials.map(({ status }) => status))].toSorted();

const PAY = "plan: shop\nsteps:\n  pay: { tool: shop.pay, retry: { attempts: 20, delay: 1s }";

describe("a trial", () => {
  it("without a fault is the plan as it is, with what the script says", async () => {
    const plan =
      "plan: p\nsteps:\n  pay: { tool: shop.pay }\n  end: { when: 'steps.pay.output == \"paid\"', value: 1 }\n";
    const trial = await tried(plan);
    expect(trial).toMatchObject({ status: "succeeded", twice: [] });
    expect(trial.trace.join("\n")).not.toMatch(/StepSkipped/);
    const other = await tried(plan, { script: { pay: "refused" } });
    expect(other.trace.join("\n")).toMatch(/StepSkipped/);
  });

  it("is the same again with the same seed", async () => {
    const [one, other] = [
      await tried(`${PAY} }\n`, { fault: "crash", seed: 7 }),
      await tried(`${PAY} }\n`, { fault: "crash", seed: 7 }),
    ];
    expect(other).toEqual(one);
  });

  it("waits for a person where nobody knows whether something happened that is not safe to do twice", async () => {
    const trials = await endings(`${PAY} }\n`, "tool-dies");
    expect(statusesOf(trials)).toEqual(["needs-person", "succeeded"]);
    const asked = trials.find(({ status }) => status === "needs-person");
    expect(asked?.because).toEqual({ step: "pay", code: "outcome-unknown" });
    expect(trials.flatMap(({ twice }) => twice)).toEqual([]);
  });

  it("goes on by itself where the plan says how to look", async () => {
    const looking = `${PAY}, unknown: { verify: { tool: shop.look }, done: output.done } }\n`;
    const trials = await endings(looking, "crash");
    const asked = trials.filter(({ status }) => status !== "succeeded");
    expect(asked.length).toBeLessThan(2);
    // Who looks dies as well: only where that has happened as often as it is tried, somebody is asked.
    for (const { trace } of asked) expect(trace.join("\n")).toMatch(/StepLost .*verify","attempt":3,.*"final"/);
  });

  it("names what was done twice where the plan allows it", async () => {
    const careless = `${PAY}, unknown: retry }\n`;
    const trials = await endings(careless, "tool-dies");
    expect(statusesOf(trials)).toEqual(["succeeded"]);
    expect(new Set(trials.flatMap(({ twice }) => twice))).toEqual(new Set(["pay"]));
  });

  it("fails where a tool is down, unless something takes its place", async () => {
    expect(await tried(`${PAY} }\n`, { fault: "tool-down" })).toMatchObject({
      status: "failed",
      because: { step: "pay", code: "simulated-outage" },
    });
    expect(statusesOf(await endings(`${PAY}, fallback: [{ value: later }] }\n`, "tool-down", 3))).toEqual([
      "succeeded",
    ]);
  });

  it("answers what is asked and sends what is waited for, also after days", async () => {
    const long =
      "plan: long\nsteps:\n  nap: { wait: 9d }\n  ask: { approve: { role: boss }, needs: [nap] }\n  go: { signal: go, needs: [ask] }\n";
    for (const { name } of FAULT_KINDS)
      expect(await tried(long, { fault: name, seed: 3 }), name).toMatchObject({ status: "succeeded" });
    expect((await tried(long)).tookMs).toBeGreaterThan(9 * 86_400_000);
  });
});

describe("a stand-in", () => {
  it("gives what the output schema allows, the same for the same step", async () => {
    const definition: PlanDefinition = checkedPlan("plan: p\nsteps:\n  a: { tool: shop.look }\n", {
      tools: registry(TOOLS),
    }).definition;
    const run = async () => {
      const trial = await tryPlan({ definition, inputs: {}, tools: standIns(TOOLS, {}), limits: UNLIMITED, seed: 1 });
      return trial.trace.find((line) => line.includes("StepSucceeded"));
    };
    expect(await run()).toBe(await run());
  });
});
