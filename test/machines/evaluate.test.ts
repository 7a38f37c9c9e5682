import { describe, expect, it } from "vitest";
import { errorOf } from "#events/errors.ts";
import type { StepDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { blobRef, inline, type Payload } from "#events/payload.ts";
import { NO_BLOBS, type Blobs } from "#machines/blobs.ts";
import { evaluate, evaluateCondition, singleOutput } from "#machines/evaluate.ts";
import { findStep } from "#machines/step-path.ts";
import { recordAt } from "#machines/state.ts";
import { Driver } from "./driver.ts";
import { call, dispatched, each, ONCE, planOf, repeat, succeeded, tool, WORKER } from "./plans.ts";

function started(steps: readonly StepDefinition[], inputs: Record<string, Json> = {}): Driver {
  const driver = new Driver();
  driver.turn({ commands: [{ type: "StartPlan", definition: planOf(steps), inputs }] });
  return driver;
}

const scopeOf = ({ state }: Driver, path: string) => recordAt(state, findStep(state, path)!.index).scope;

/** The value of a template that stands in the arguments of a step, where no blob is at hand. */
function valueAt(driver: Driver, path: string, source: Json) {
  return valueWith(NO_BLOBS, driver, { path, source });
}

function valueWith(blobs: Blobs, driver: Driver, { path, source }: { readonly path: string; readonly source: Json }) {
  return evaluate(driver.state, { scope: scopeOf(driver, path), key: JSON.stringify(source), source }, blobs);
}

const refs = ["1", "2", "3"].map((digit) => blobRef.parse(digit.repeat(64)));
const kept = (number: number): Payload => ({ blob: refs[number]!, bytes: 9 });
const value = (given: Json) => ({ kind: "value", value: given });

/** `a` and `b` gave blobs, `m` runs. */
function afterBlobs(): Driver {
  const driver = started([tool("a"), tool("b"), tool("m")]);
  driver.record(succeeded("a", { output: kept(0) }), succeeded("b", { output: kept(1) }));
  return driver;
}

describe("a template", () => {
  it("without an expression is handed on as it is, and not copied", () => {
    const source = { list: [1, "two", null, { deep: "$" }], text: "no {expression}" };
    const found = valueAt(started([tool("m")]), "m", source);
    expect(found).toEqual(value(source));
    expect(found.kind === "value" && found.value).toBe(source);
  });

  it("is compiled once in its block", () => {
    const driver = started([tool("m")], { n: 1 });
    const { templates } = scopeOf(driver, "m").block;
    valueAt(driver, "m", "${inputs.n}");
    const compiled = templates.get('"${inputs.n}"');
    expect(compiled).toHaveProperty("compiled");
    valueAt(driver, "m", "${inputs.n}");
    expect(templates.get('"${inputs.n}"')).toBe(compiled);
  });

  it("that is no expression at all is an error with the code of what is wrong, now and again", () => {
    const driver = started([tool("m")]);
    for (let time = 0; time < 2; time++)
      expect(valueAt(driver, "m", { x: "${1 +}" })).toEqual({
        kind: "error",
        error: expect.objectContaining({
          category: "validation",
          code: "syntax-error",
          message: expect.stringMatching(/./),
        }),
      });
  });

  it("without a value says where in it, and what is wrong", () => {
    const driver = started([tool("m")], { list: [] });
    const messageOf = (source: Json) => {
      const found = valueAt(driver, "m", source);
      return found.kind === "error" ? found.error.message : "";
    };
    const plain = messageOf("${inputs.list[3]}");
    expect(plain).toMatch(/\w+ \w+/);
    expect(messageOf({ to: ["x", "${inputs.list[3]}"] })).toBe(`to.1: ${plain}`);
  });

  it("asks for all that it reads, and for nothing else", () => {
    const driver = afterBlobs();
    expect(valueAt(driver, "m", ["${steps.b.output}", "${steps.a.output}"])).toMatchObject({
      kind: "needs-blobs",
      refs: [refs[1], refs[0]],
    });
    driver.state.root!.inputs = kept(2);
    expect(valueAt(driver, "m", "${steps.a.output}")).toEqual({ kind: "needs-blobs", refs: [refs[0]] });
    expect(valueAt(driver, "m", "${inputs.n}")).toEqual({ kind: "needs-blobs", refs: [refs[2]] });
    const loaded = { get: () => ({ n: 4 }) };
    expect(valueWith(loaded, driver, { path: "m", source: "${inputs.n}" })).toEqual(value(4));
  });

  it("of which one part cannot be had has no value, whatever is still to be loaded", () => {
    const blobs = { get: () => undefined, problem: (ref: string) => (ref === refs[1] ? "gone" : undefined) };
    const source = "${[steps.a.output, steps.b.output]}";
    expect(valueWith(blobs, afterBlobs(), { path: "m", source })).toEqual({
      kind: "error",
      error: errorOf("not-found", "blob-missing", "gone"),
    });
  });

  it("that is one step's output is known as such, and a list with it in it is not", () => {
    expect(singleOutput("${ steps.a.output }")).toBe("a");
    for (const other of [["${steps.a.output}"], "${steps.a.output}!", "x ${steps.a.output}", "${steps.a.output.x}", 7])
      expect(singleOutput(other)).toBeUndefined();
  });
});

describe("a condition", () => {
  it("that is neither true nor false shows the beginning of what it is instead", () => {
    const driver = started([tool("m")], { text: "x".repeat(5_000) });
    const template = { scope: scopeOf(driver, "m"), key: "when", source: "inputs.text" };
    const found = evaluateCondition(driver.state, template, NO_BLOBS);
    expect(found).toMatchObject({ kind: "error", error: { code: "not-a-condition" } });
    const { message } = found.kind === "error" ? found.error : { message: "" };
    expect(message).toContain("xxxxx");
    expect(message.length).toBeLessThan(200);
  });
});

describe("a variable", () => {
  it("is that of the nearest step around that has the name", () => {
    const driver = started([
      each("outer", ["o0", "o1"], {
        as: "outerItem",
        steps: [
          repeat("again", "index == 1", {
            steps: [each("inner", ["i0", "i1"], { as: "innerItem", steps: [tool("do")] })],
          }),
        ],
      }),
    ]);
    const at = "outer/1/again/0/inner/0/do";
    expect(valueAt(driver, at, "${[outerItem, innerItem, index]}")).toEqual(value(["o1", "i0", 0]));
    expect(valueAt(driver, at, "${previous}")).toEqual(value(null));
    expect(valueAt(driver, "outer/1/again/0/inner", "${[outerItem, index]}")).toEqual(value(["o1", 0]));
    expect(valueAt(driver, "outer/1/again", "${[outerItem, index]}")).toEqual(value(["o1", 1]));
  });

  it("previous is that of the repeat, also inside of an each in it", () => {
    const driver = started([repeat("again", "index == 1", { steps: [each("all", ["i"], { steps: [tool("do")] })] })]);
    driver.record(succeeded("again/0/all/0/do", { output: inline("first") }));
    driver.turn();
    expect(valueAt(driver, "again/1/all/0/do", "${[previous, item]}")).toEqual(value([["first"], "i"]));
  });

  it("of an item that is not loaded asks for what has it", () => {
    const driver = started([
      tool("list"),
      each("all", "${steps.list.output}", { needs: ["list"], steps: [tool("do")] }),
    ]);
    driver.record(succeeded("list", { output: kept(0) }), {
      type: "StepExpanded",
      data: { step: "all", from: 0, to: 2, total: 2, items: kept(0) },
    });
    expect(valueAt(driver, "all/1/do", "${item}")).toEqual({ kind: "needs-blobs", refs: [refs[0]] });
    const loaded = { get: () => ["x", "y"] };
    expect(valueWith(loaded, driver, { path: "all/1/do", source: "${item}" })).toEqual(value("y"));
  });

  it("of what answers for an unknown outcome is that of the step: its item and number, and no output", () => {
    const undo = { call: call({ tool: "test.undo" }), retry: ONCE };
    const risky = tool("do", { unknown: "undo", undo }, { idempotent: false });
    const driver = started([each("all", ["x", "y"], { as: "output", steps: [risky] }), tool("m")]);
    driver.turn({ commands: [{ type: "LoseAttempt", step: "all/1/do", attempt: 1, executor: WORKER }] });
    expect(valueAt(driver, "all/1/do", "${[output, index]}")).toEqual(value(["y", 1]));
    expect(valueAt(driver, "all/1/do/0/undo", "${[output, index]}")).toEqual(value([null, 1]));
  });

  it("that is given with the template counts before all others", () => {
    const driver = started([each("all", ["x"], { steps: [tool("do")] })]);
    const template = {
      scope: scopeOf(driver, "all/0/do"),
      key: "k",
      source: "${[item, index]}",
      variables: { index: 9 },
    };
    expect(evaluate(driver.state, template, NO_BLOBS)).toEqual(value(["x", 9]));
  });
});

describe("a step that a template names", () => {
  it("is that of its own plan, at any depth, and never one inside another step", () => {
    const driver = started([tool("a"), each("all", [1], { steps: [tool("do"), tool("next", { needs: ["do"] })] })]);
    driver.record(succeeded("a", { output: inline(1) }), succeeded("all/0/do", { output: inline(2) }));
    driver.record(dispatched("all/0/next"));
    expect(valueAt(driver, "all/0/next", "${[steps.a.output, steps.do.output]}")).toEqual(value([1, 2]));
    expect(valueAt(driver, "a", "${steps.do.output}")).toMatchObject({
      kind: "error",
      error: { code: "missing-output" },
    });
  });
});
