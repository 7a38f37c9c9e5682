// What a rollback lists: every call with its arguments, in layers that come one after the other.
import { describe, expect, it } from "vitest";
import { contentHash } from "#events/canonical.ts";
import { fact, type Fact } from "#events/catalog.ts";
import { DEFAULT_TIMEOUT_MS, type StepDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { blobRef, inline, listOf, valueOf, type ListPart, type Payload } from "#events/payload.ts";
import { NO_BLOBS, type Blobs } from "#machines/blobs.ts";
import { undoLayers } from "#machines/decide/undo-calls.ts";
import { begun, factsOf, follows, partOf, tell } from "../begun.ts";
import { after as stateAfter } from "../folded.ts";
import type { Driver } from "../driver.ts";
import { answerAll } from "../inside/answering.ts";
import { call, dispatched, each, EPOCH, ONCE, planOf, repeat, started, succeeded, tool } from "../plans.ts";

const REF = blobRef.parse("a".repeat(64));
const KEPT = { blob: REF, bytes: 50_000 };
const loaded: Blobs = { get: (ref) => (ref === REF ? { id: 7 } : undefined) };

const undo = (source: Json = "${output}") => ({ call: call({ tool: "test.undo", with: { of: source } }), retry: ONCE });
const undoable = (id: string, needs: string[] = []) => tool(id, { needs, undo: undo() });
const rolledBack = (driver: Driver) => tell(driver, { type: "RollbackPlan" });
const rollback = fact("PlanRollbackStarted", { epoch: EPOCH, cause: "requested", number: 1, irreversible: [] });
const made = (step: string, of: Json) => ({ step, tool: "test.undo", version: "1.0.0", args: inline({ of }) });

/** The list of the last rollback, and the steps that it takes back. */
const listed = (driver: Driver) => factsOf(driver, "StepExpanded").at(-1);
const undoesOf = (driver: Driver) => {
  const { items } = listed(driver) as { items: Payload };
  return (valueOf(items, NO_BLOBS) as { step: string }[]).map(({ step }) => step);
};

const opened = (from: number, to: number): Fact =>
  fact("StepExpanded", { step: "all", from, to, total: 4, items: inline([1, 2, 3, 4]) });
const closed = (from: number, to: number, undone: ListPart[][]): Fact =>
  fact("StepWindowClosed", { step: "all", from, to, outputs: [], undo: undone });
const part = (...steps: readonly string[]): ListPart => partOf(...steps.map((step) => made(step, step)));
const ran = (step: string, output: Json = step): readonly Fact[] => [
  dispatched(step),
  succeeded(step, { output: inline(output) }),
];

/** The layers of a plan's undo calls, after these facts. */
function layersOf(steps: readonly StepDefinition[], facts: readonly (Fact | readonly Fact[])[], blobs = NO_BLOBS) {
  const state = stateAfter([...started(planOf(steps)), ...facts.flat()]);
  return undoLayers(state, { scopes: state.root === undefined ? [] : [state.root] }, blobs);
}

const callsIn = (layers: ReturnType<typeof layersOf>) =>
  layers.kind === "value" ? layers.value.map((parts) => valueOf(listOf(parts), NO_BLOBS)) : layers;

describe("the arguments of an undo call that its success did not record", () => {
  const given = (output: Payload) => [
    ...started(planOf([undoable("a")])),
    dispatched("a"),
    succeeded("a", { output }),
    rollback,
  ];

  it("are made of what the step gave", () => {
    expect(follows(given(inline("x")))).toMatchObject({ facts: [{ data: { items: inline([made("a", "x")]) } }] });
  });

  it("wait for that where it is kept as a blob", () => {
    expect(follows(given(KEPT))).toEqual({ kind: "needs-blobs", refs: [REF] });
    const items = inline([made("a", { id: 7 })]);
    expect(follows(given(KEPT), { blobs: loaded })).toMatchObject({ facts: [{ data: { items } }] });
  });

  it("wait for what else they read", () => {
    const steps = [tool("z"), tool("a", { needs: ["z"], undo: undo("${steps.z.output.id}") })];
    const facts = [dispatched("z"), succeeded("z", { output: KEPT }), ran("a")];
    expect(layersOf(steps, facts)).toEqual({ kind: "needs-blobs", refs: [REF] });
    expect(layersOf(steps, facts, loaded)).toMatchObject({ value: [[{ items: inline([made("a", 7)]) }]] });
  });
});

describe("the layers of a rollback", () => {
  it("begin when all before them has ended", () => {
    const driver = begun([undoable("a"), undoable("b", ["a"]), undoable("b2", ["a"]), undoable("c", ["b", "b2"])]);
    answerAll(driver);
    rolledBack(driver);
    expect(listed(driver)).toMatchObject({ total: 4, barriers: [1, 3] });
  });

  it("are one a step of an iteration, from the last iteration to the first", () => {
    const driver = begun([repeat("more", "index == 1", { steps: [undoable("x"), undoable("y", ["x"])] })]);
    answerAll(driver);
    rolledBack(driver);
    expect(undoesOf(driver)).toEqual(["more/1/y", "more/1/x", "more/0/y", "more/0/x"]);
    expect(listed(driver)).toMatchObject({ barriers: [1, 2, 3] });
  });

  it("put what comes before a step with steps inside after all that is inside", () => {
    const all = each("all", [1, 2], { needs: ["a"], steps: [undoable("x"), undoable("y", ["x"])] });
    const driver = begun([undoable("a"), all]);
    answerAll(driver);
    rolledBack(driver);
    expect(undoesOf(driver).slice(0, 2).sort()).toEqual(["all/0/y", "all/1/y"]);
    expect(undoesOf(driver).at(-1)).toBe("a");
    expect(listed(driver)).toMatchObject({ total: 5, barriers: [2, 4] });
  });

  it("of nothing are none: the rollback is over at once", () => {
    const facts = [...started(planOf([tool("a")])), ...ran("a"), rollback];
    expect(follows(facts)).toMatchObject({ facts: [{ type: "StepSucceeded", data: { output: inline([]) } }] });
  });
});

describe("the undo calls of windows that were closed", () => {
  const all = each("all", [1, 2, 3, 4], { needs: ["a"], steps: [undoable("do")], concurrency: 1 });
  const steps = [undoable("a"), all, undoable("z", ["all"])];
  const before = [ran("a"), opened(0, 1), ran("all/0/do"), closed(0, 1, [[part("y0")], [part("x0")]])];
  const later = [opened(1, 2), ran("all/1/do"), closed(1, 2, [[part("y1")], [part("x1")], [part("w1")]])];

  it("stand beside each other, layer by layer, between what depends on them and what they depend on", () => {
    const layers = layersOf(steps, [...before, ...later, opened(2, 3), ran("all/2/do")]);
    const names = [["all/2/do", "y1", "y0"], ["x1", "x0"], ["w1"], ["a"]];
    expect(callsIn(layers)).toMatchObject(names.map((layer) => layer.map((step) => ({ step }))));
  });

  it("are handed on as they were kept, with nothing of ours before them", () => {
    const kept: ListPart = { items: { blob: REF, bytes: 300_000 }, count: 900 };
    const layers = layersOf(steps, [ran("a"), opened(0, 1), ran("all/0/do"), closed(0, 1, [[kept]])]);
    expect(layers).toMatchObject({ value: [[kept], [{ count: 1 }]] });
    expect(layers.kind === "value" ? layers.value[0] : layers).toEqual([kept]);
  });

  it("of a repeat are taken back one window after the other, from the last to the first", () => {
    const more = repeat("all", "false", { steps: [undoable("do")], max: 4 });
    const repeated = [undoable("a"), { ...more, needs: ["a"] }];
    const layers = layersOf(repeated, [...before, ...later, opened(2, 3), ran("all/2/do")]);
    const names = ["all/2/do", "y1", "x1", "w1", "y0", "x0", "a"];
    expect(callsIn(layers)).toMatchObject(names.map((step) => [{ step }]));
  });

  it("of a long repeat are all of its iterations, each after the one that came later", () => {
    const driver = begun([repeat("more", "index == 69", { steps: [undoable("do")], max: 70 })]);
    answerAll(driver);
    expect(factsOf(driver, "StepWindowClosed")).toMatchObject([{ from: 0, to: 64 }]);
    rolledBack(driver);
    const names = Array.from({ length: 70 }, (_, index) => `more/${69 - index}/do`);
    expect(undoesOf(driver)).toEqual(names);
    expect(listed(driver)).toMatchObject({ barriers: names.slice(1).map((_, index) => index + 1) });
  });
});

describe("a second rollback", () => {
  it("takes back its own part of the plan", () => {
    const driver = begun([undoable("a"), undoable("b", ["a"])]);
    answerAll(driver);
    tell(driver, { type: "RollbackPlan", from: "b" });
    answerAll(driver);
    rolledBack(driver);
    expect(undoesOf(driver)).toEqual(["a"]);
  });
});

describe("an entry of a rollback's list", () => {
  const entered = (entry: Json) => {
    const items = inline([entry]);
    const list = fact("StepExpanded", { step: "undo:1", from: 0, to: 1, total: 1, items });
    return follows([...started(planOf([tool("a")])), rollback, list]);
  };

  it("whose step is no longer in the definition is called as any undo", () => {
    const args = { of: 1 };
    const answer = entered(made("gone/0/do", 1));
    const argsHash = contentHash({ tool: "test.undo", version: "1.0.0", args });
    const data = { undoes: "gone/0/do", idempotent: true, timeoutMs: DEFAULT_TIMEOUT_MS, args: inline(args), argsHash };
    expect(answer).toMatchObject({ facts: [{ type: "StepDispatched", data }] });
    expect(answer.kind === "facts" ? answer.facts[0]?.data : answer).not.toHaveProperty("tokens");
  });

  it.each([
    { what: "is no call", entry: "a", message: "a step cannot be taken back: the call has no arguments" },
    {
      what: "has no arguments",
      entry: { step: "a", tool: "test.undo", version: "1.0.0" },
      message: "a cannot be taken back: the call has no arguments",
    },
  ])("that $what fails by name", ({ entry, message }) => {
    const error = { category: "validation", code: "no-arguments", message };
    expect(entered(entry)).toMatchObject({ facts: [{ type: "StepFailed", data: { error } }] });
  });
});
