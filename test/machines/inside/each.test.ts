import { describe, expect, it } from "vitest";
import { fact } from "#events/catalog.ts";
import type { StepDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { blobRef, inline, LIST_RUN_BYTES, type Payload } from "#events/payload.ts";
import type { Blobs } from "#machines/blobs.ts";
import { planStateOf, type PlanState } from "#machines/state.ts";
import { stepIndex } from "#machines/step-path.ts";
import { Driver, replay } from "../driver.ts";
import { each, planOf, tool, UNAVAILABLE, value } from "../plans.ts";
import { answerAll, answerOne, FAILS, running } from "./answering.ts";

const list = (length: number): Json => Array.from({ length }, (_, index) => `item ${index}`);
const work = (id = "do"): StepDefinition => tool(id, {}, { with: { item: "${item}", index: "${index}" } });

function started(...steps: readonly StepDefinition[]): Driver {
  const driver = new Driver();
  driver.turn({ commands: [{ type: "StartPlan", definition: planOf(steps, { onFailure: "stop" }), inputs: {} }] });
  return driver;
}

const recordOf = (state: PlanState, step: string) => state.steps[stepIndex(state, step)];

describe("an each", () => {
  it("runs its step for every item, as many at once as it says, and gives the outputs in the order of the items", () => {
    const driver = started(each("all", list(5), { steps: [work()], concurrency: 2 }));
    expect(running(driver)).toEqual(["all/0/do", "all/1/do"]);
    answerOne(driver, "all/1/do", () => "second");
    expect(running(driver)).toEqual(["all/0/do", "all/2/do"]);
    answerAll(driver, (step) => step);
    expect(recordOf(driver.state, "all")?.output).toEqual(
      inline(["all/0/do", "second", "all/2/do", "all/3/do", "all/4/do"]),
    );
    expect(planStateOf(driver.state)).toBe("succeeded");
  });

  it("gives its step the item and its number", () => {
    const driver = started(each("all", list(2), { steps: [work()] }));
    answerAll(driver);
    expect(recordOf(driver.state, "all")?.output).toEqual(
      inline([
        { item: "item 0", index: 0 },
        { item: "item 1", index: 1 },
      ]),
    );
  });

  it("over an empty list gives an empty list at once", () => {
    const driver = started(each("all", [], { steps: [work()] }));
    expect(recordOf(driver.state, "all")?.output).toEqual(inline([]));
  });

  it("over something that is no list fails by name, before any item", () => {
    const driver = started(each("all", "${{'a': 1}}", { steps: [work()] }));
    expect(recordOf(driver.state, "all")?.error).toMatchObject({ category: "validation", code: "each-over-non-list" });
  });

  it("runs the steps of an item in the order of their needs, each item by itself", () => {
    const inside = [work("first"), tool("second", { needs: ["first"] }, { with: { of: "${steps.first.output}" } })];
    const driver = started(each("all", list(2), { steps: inside }));
    answerOne(driver, "all/1/first", () => "one");
    expect(running(driver)).toEqual(["all/0/first", "all/1/second"]);
    answerAll(driver, (step, args) => (step.endsWith("second") ? args : "zero"));
    expect(recordOf(driver.state, "all")?.output).toEqual(inline([{ of: "zero" }, { of: "one" }]));
  });

  it("fails when more items fail than it tolerates: no other item begins, those that run are waited for", () => {
    const driver = started(
      each("all", list(9), { steps: [work()], concurrency: 2 }),
      value("after", 1, { needs: ["all"] }),
    );
    answerOne(driver, "all/0/do", () => FAILS);
    expect(running(driver)).toEqual(["all/1/do"]);
    expect(recordOf(driver.state, "all")?.chart.value).toBe("open");
    answerAll(driver);
    const { chart, error } = recordOf(driver.state, "all")!;
    expect(chart.value).toBe("failed");
    expect(error).toMatchObject({ category: "unavailable", code: "items-failed" });
    expect(error?.message).toContain("1 of 9 items failed, 0 may");
    expect(planStateOf(driver.state)).toBe("failed");
  });

  it.each([
    [{ count: 2 }, "succeeded"],
    [{ count: 1 }, "failed"],
    [{ share: 0.5 }, "succeeded"],
    [{ share: 0.49 }, "failed"],
  ])("that tolerates %j of four has %s after two failures", (tolerate, state) => {
    const driver = started(each("all", list(4), { steps: [work()], tolerate, concurrency: 1 }));
    answerAll(driver, (step) => (step === "all/1/do" || step === "all/2/do" ? FAILS : step));
    expect(recordOf(driver.state, "all")?.chart.value).toBe(state);
  });

  it("that tolerates failures gives null for an item that failed, and lists what went wrong", () => {
    const driver = started(each("all", list(3), { steps: [work()], tolerate: { count: 1 } }));
    answerAll(driver, (step) => (step === "all/1/do" ? FAILS : step));
    const { category } = UNAVAILABLE;
    const message = "all/1/do failed: nobody answers";
    const { output, errors } = recordOf(driver.state, "all")!;
    expect(output).toEqual(inline(["all/0/do", null, "all/2/do"]));
    expect(errors).toEqual(inline([{ index: 1, category, code: "steps-failed", message }]));
  });

  it("whose step is skipped for an item gives null for it", () => {
    const driver = started(each("all", list(3), { steps: [tool("do", { when: "index != 1" })] }));
    answerAll(driver, (step) => step);
    expect(recordOf(driver.state, "all")?.output).toEqual(inline(["all/0/do", null, "all/2/do"]));
  });

  it("that fails goes on with its fallback", () => {
    const driver = started(each("all", list(3), { steps: [work()], fallback: [{ value: "none" }] }));
    answerAll(driver, () => FAILS);
    expect(recordOf(driver.state, "all")?.output).toEqual(inline("none"));
    expect(planStateOf(driver.state)).toBe("succeeded");
  });

  it("whose deadline passes fails; what runs inside is waited for and starts nothing more", () => {
    const driver = started(each("all", list(5), { steps: [work()], deadlineMs: 100 }));
    driver.now += 100;
    driver.turn();
    expect(recordOf(driver.state, "all")?.chart.value).toBe("failed");
    expect(running(driver)).toEqual(["all/0/do", "all/1/do"]);
    answerAll(driver);
    expect(driver.events.filter(({ type }) => type === "StepDispatched")).toHaveLength(2);
    expect(planStateOf(driver.state)).toBe("failed");
  });

  it("stands inside of another each, and reads what is around it", () => {
    const inner = each("inner", "${[item + '/x', item + '/y']}", {
      steps: [tool("do", {}, { with: { of: "${outer.output}" } })],
      as: "leaf",
      needs: ["outer"],
    });
    const body = {
      ...inner,
      body: { steps: [tool("do", {}, { with: { of: "${leaf + steps.outer.output}" } })], output: "${steps.do.output}" },
    };
    const driver = started(each("all", list(2), { steps: [tool("outer"), body] }));
    answerAll(driver, (step, args) => (step.endsWith("outer") ? "!" : (args as { of: string }).of));
    expect(recordOf(driver.state, "all")?.output).toEqual(
      inline([
        ["item 0/x!", "item 0/y!"],
        ["item 1/x!", "item 1/y!"],
      ]),
    );
  });

  it("that is cancelled with its plan ends when what runs has answered", () => {
    const driver = started(each("all", list(9), { steps: [work()] }));
    driver.turn({ commands: [{ type: "CancelPlan" }] });
    answerAll(driver, () => ({ kind: "cancelled" }));
    expect(planStateOf(driver.state)).toBe("cancelled");
  });
});

describe("the list that an each goes over", () => {
  const ref = blobRef.parse("a".repeat(64));
  const produced: Payload = { list: ref, count: 3, bytes: 1_000_000 };
  const over = each("all", "${steps.source.output}", { steps: [work()], needs: ["source"] });

  /** A plan whose first step has given this payload. */
  function after(output: Payload, blobs: Blobs): Driver {
    const driver = new Driver({ blobs });
    const definition = planOf([tool("source"), over]);
    driver.turn({ commands: [{ type: "StartPlan", definition, inputs: {} }], slots: 1 });
    driver.record(fact("StepSucceeded", { step: "source", attempt: 1, output }));
    return driver;
  }

  it("is opened without being read where it is kept in parts, and each item reads the part that has it", () => {
    const asked: string[] = [];
    const parts = [{ items: { inline: ["a", "b"] }, count: 2 }, { item: { blob: ref, bytes: 1 } }];
    const blobs: Blobs = {
      get: (name) => {
        asked.push(name);
        return name === ref ? parts : undefined;
      },
    };
    const driver = after(produced, blobs);
    driver.turn({ slots: 0 });
    expect(driver.events.at(-1)).toMatchObject({ type: "StepExpanded", data: { total: 3, to: 3, items: produced } });
    expect(asked).toEqual([]);
    driver.turn();
    expect(running(driver)).toEqual(["all/0/do", "all/1/do"]);
    expect(new Set(asked)).toEqual(new Set([ref]));
    expect(driver.events.at(-1)).toMatchObject({ data: { args: inline({ item: "b", index: 1 }) } });
  });

  it("is measured without being read, by whoever asks for its size and nothing else", () => {
    const driver = new Driver();
    const steps = [
      tool("source"),
      value("sized", "${size(steps.source.output)} and ${has(steps.source.output)}", { needs: ["source"] }),
    ];
    driver.turn({ commands: [{ type: "StartPlan", definition: planOf(steps), inputs: {} }], slots: 1 });
    driver.record(fact("StepSucceeded", { step: "source", attempt: 1, output: produced }));
    driver.turn();
    expect(recordOf(driver.state, "sized")?.output).toEqual(inline("3 and true"));
  });

  it.each([
    ["as it is while it is short", LIST_RUN_BYTES, { blob: ref, bytes: LIST_RUN_BYTES }],
    ["anew, to be kept in parts, when it is long", LIST_RUN_BYTES + 1, inline(["a", "b", "c"])],
  ])("is taken from one blob %s", (_, bytes, items) => {
    const driver = after({ blob: ref, bytes }, { get: () => ["a", "b", "c"] });
    driver.turn({ slots: 0 });
    expect(driver.events.at(-1)).toMatchObject({ type: "StepExpanded", data: { total: 3, items } });
  });
});

const WIDE = 2_500;

describe("a wide each", () => {
  function runWide(): Driver {
    const driver = started(each("all", list(WIDE), { steps: [work()], concurrency: 50, tolerate: { count: 3 } }));
    answerAll(driver, (step) => (step === "all/7/do" || step === "all/2400/do" ? FAILS : step));
    return driver;
  }

  it("opens its items in windows, keeps no more than a few in memory, and closes each with what it gave", () => {
    const driver = started(each("all", list(WIDE), { steps: [work()], concurrency: 50 }));
    let most = 0;
    answerAll(driver, (step) => {
      most = Math.max(most, recordOf(driver.state, "all")?.expansion?.scopes.size ?? 0);
      return step;
    });
    expect(most).toBeLessThanOrEqual(2_000);
    expect(driver.events.filter(({ type }) => type === "StepWindowClosed")).toHaveLength(3);
    expect(planStateOf(driver.state)).toBe("succeeded");
  });

  it("gives one entry an item, and the errors of all windows", () => {
    const { state } = runWide();
    const output = recordOf(state, "all")?.output;
    const entries = output !== undefined && "inline" in output ? (output.inline as readonly Json[]) : [];
    expect(entries).toHaveLength(WIDE);
    expect(entries.slice(6, 9)).toEqual(["all/6/do", null, "all/8/do"]);
    expect(recordOf(state, "all")?.errors).toMatchObject({ inline: [{ index: 7 }, { index: 2400 }] });
  });

  it("is folded again to the same state from its events", () => {
    const driver = runWide();
    expect(recordOf(replay(driver.events), "all")?.output).toEqual(recordOf(driver.state, "all")?.output);
  });
});
