// What a step with steps inside gives: one entry a member, whatever became of the member.
import { describe, expect, it } from "vitest";
import { errorOf } from "#events/errors.ts";
import type { Json } from "#events/json.ts";
import { blobRef, inline, type Payload } from "#events/payload.ts";
import type { Blobs } from "#machines/blobs.ts";
import { recordAt } from "#machines/state.ts";
import { stepIndex } from "#machines/step-path.ts";
import { Driver } from "../driver.ts";
import { each, planOf, repeat, tool, value, WORKER } from "../plans.ts";
import type { StepDefinition } from "#events/definition.ts";

const REF = blobRef.parse("b".repeat(64));
const KEPT: Payload = { blob: REF, bytes: 40_000 };
const blobs: Blobs = { get: (ref) => (ref === REF ? { big: true } : undefined) };
const message = "m".repeat(500);

function begin(step: StepDefinition): Driver {
  const driver = new Driver({ blobs });
  driver.turn({ commands: [{ type: "StartPlan", definition: planOf([step]), inputs: {} }] });
  return driver;
}

function answer(driver: Driver, step: string, output: Payload | undefined): void {
  const outcome =
    output === undefined
      ? ({ kind: "failed", error: errorOf("internal", "broken", message) } as const)
      : ({ kind: "succeeded", output } as const);
  driver.turn({ commands: [{ type: "ReportAttempt", step, attempt: 1, executor: WORKER, outcome }] });
}

const outcomeOf = ({ state }: Driver, path: string) => {
  const { chart, output } = recordAt(state, stepIndex(state, path));
  return { value: chart.value, output };
};
const successOf = ({ events }: Driver, step: string) =>
  events.find(({ type, data }) => type === "StepSucceeded" && (data as { step: string }).step === step)?.data;

const three = (steps: readonly StepDefinition[], output?: Json): StepDefinition => {
  const list = each("all", [0, 1, 2], { steps, concurrency: 3, tolerate: { count: 2 } });
  return output === undefined ? list : { ...list, body: { ...list.body, output } };
};

describe("an each", () => {
  it("gives a list of what its items gave, in their order", () => {
    const driver = begin(three([tool("do")]));
    for (const member of [2, 0, 1]) answer(driver, `all/${member}/do`, inline(member));
    expect(outcomeOf(driver, "all")).toEqual({ value: "succeeded", output: inline([0, 1, 2]) });
    expect(successOf(driver, "all")).not.toHaveProperty("errors");
  });

  it("keeps a large output as the blob that it is, among runs of the small ones", () => {
    const driver = begin(three([tool("do")]));
    answer(driver, "all/0/do", inline("small"));
    answer(driver, "all/1/do", KEPT);
    answer(driver, "all/2/do", inline("too"));
    const run = (entry: Json) => ({ items: inline([entry]), count: 1 });
    expect(outcomeOf(driver, "all").output).toEqual({ parts: [run("small"), { item: KEPT }, run("too")], count: 3 });
  });

  it("gives null for an item that failed, and says how, in short", () => {
    const driver = begin(three([tool("do")]));
    answer(driver, "all/0/do", inline("fine"));
    answer(driver, "all/1/do", undefined);
    answer(driver, "all/2/do", inline("fine"));
    expect(outcomeOf(driver, "all").output).toEqual(inline(["fine", null, "fine"]));
    const { errors } = successOf(driver, "all") as { errors: { inline: readonly { message: string }[] } };
    expect(errors.inline).toMatchObject([{ index: 1, category: "internal", code: "steps-failed" }]);
    expect(errors.inline[0]?.message.length).toBe(200);
  });

  it("gives null where the output is that of a step that was skipped, alone or within something", () => {
    const steps = [tool("do", { when: "${item != 1}" })];
    for (const [template, entry] of [
      ["${steps.do.output}", (n: Json) => n],
      ["${[steps.do.output]}", (n: Json) => (n === null ? null : [n])],
    ] as const) {
      const driver = begin(three(steps, template));
      answer(driver, "all/0/do", inline(10));
      answer(driver, "all/2/do", inline(12));
      expect(outcomeOf(driver, "all").output, template).toEqual(inline([10, null, 12].map(entry)));
    }
  });

  it("gives nulls where its block gives nothing", () => {
    const driver = begin(three([tool("do")], null));
    for (const member of [0, 1, 2]) answer(driver, `all/${member}/do`, inline(member));
    expect(outcomeOf(driver, "all").output).toEqual(inline([null, null, null]));
  });

  it("fails where a template of its items has no value", () => {
    const driver = begin(three([value("do", "${item}")], "${1 / (steps.do.output - 1)}"));
    expect(outcomeOf(driver, "all").value).toBe("failed");
  });

  it("fails with how many failed and how many may", () => {
    const driver = begin(each("all", [0, 1], { steps: [tool("do")], concurrency: 2 }));
    answer(driver, "all/0/do", undefined);
    answer(driver, "all/1/do", inline(1));
    const { error } = recordAt(driver.state, stepIndex(driver.state, "all"));
    expect(error).toMatchObject({ category: "internal", code: "items-failed" });
    expect(error?.message).toMatch(/^1 of 2 items failed, 0 may: all\/0\/do failed: m+$/);
  });
});

describe("a repeat", () => {
  it("reads what an iteration gave also where that is kept as a blob, and gives what the last one gave", () => {
    const driver = begin(repeat("more", "${output.big}", { steps: [tool("do")] }));
    answer(driver, "more/0/do", inline({ big: false }));
    expect(outcomeOf(driver, "more").value).toBe("open");
    answer(driver, "more/1/do", KEPT);
    expect(outcomeOf(driver, "more")).toEqual({ value: "succeeded", output: KEPT });
  });

  it("fails where its condition has no value, where an iteration failed, and after its last one", () => {
    const failing = (until: string, output: Payload | undefined) => {
      const driver = begin(repeat("more", until, { steps: [tool("do")], max: 2 }));
      answer(driver, "more/0/do", output);
      if (outcomeOf(driver, "more").value === "open") answer(driver, "more/1/do", output);
      return recordAt(driver.state, stepIndex(driver.state, "more")).error?.code;
    };
    expect(failing("${false}", inline(1))).toBe("repeat-exhausted");
    expect(failing("${false}", undefined)).toBe("steps-failed");
    expect(failing("${1 / output > 1}", inline(0))).not.toBe("repeat-exhausted");
    expect(failing("${index == 1}", inline(1))).toBeUndefined();
  });
});
