// Which effects may be there, and by which names those go that nothing takes back.
import { describe, expect, it } from "vitest";
import { fact, type Fact } from "#events/catalog.ts";
import { calledPlan, type PlanDefinition, type StepDefinition } from "#events/definition.ts";
import { inline } from "#events/payload.ts";
import { irreversibleIn, stepsOfPart, withoutUndoIn, type Part } from "#machines/undoing.ts";
import { draftedOf } from "#machines/state.ts";
import { begun, recordOf, tell } from "../begun.ts";
import { after as stateAfter } from "../folded.ts";
import { answerOne } from "../inside/answering.ts";
import {
  approve,
  call,
  calling,
  dispatched,
  each,
  failed,
  late,
  lost,
  ONCE,
  planOf,
  repeat,
  started,
  succeeded,
  tool,
  value,
} from "../plans.ts";
import { failure, stopped } from "../reports.ts";

type Given = readonly (Fact | readonly Fact[])[];
const undo = { call: call({ tool: "test.undo" }), retry: ONCE };
const mail = (id: string, needs: string[] = []) => tool(id, { irreversible: true, needs });
const ran = (...steps: readonly string[]): readonly Fact[] =>
  steps.flatMap((step) => [dispatched(step), succeeded(step)]);
const opened = (step: string, from: number, to: number): Fact =>
  fact("StepExpanded", { step, from, to, total: 3, items: inline([1, 2, 3]) });
const closed = (step: string, from: number, to: number): Fact =>
  fact("StepWindowClosed", { step, from, to, outputs: [] });

function named(
  steps: readonly StepDefinition[],
  given: Given,
  { part, ...fields }: Partial<PlanDefinition> & { part?: Part } = {},
) {
  const state = stateAfter([...started(planOf(steps, fields)), ...given.flat()]);
  if (state.root === undefined) throw new Error("the plan has not begun");
  const within = part === undefined ? undefined : stepsOfPart(draftedOf(state), part);
  return { irreversible: irreversibleIn(state, state.root, within), without: withoutUndoIn(state, state.root, within) };
}

describe("effects that nothing takes back", () => {
  it("are those of tools that say so, and of tools that have no call for it; each by its path, once", () => {
    const steps = [
      mail("mail"),
      tool("plain"),
      tool("undoable", { undo }),
      value("v", 1),
      each("all", [1, 2, 3], { steps: [mail("do"), tool("too")] }),
      tool("later"),
    ];
    const inside = ["all/0/do", "all/0/too", "all/1/do"];
    const given = [
      ran("mail", "plain", "undoable"),
      succeeded("v", { attempt: 0 }),
      opened("all", 0, 2),
      ran(...inside),
    ];
    expect(named(steps, given)).toEqual({
      irreversible: ["mail", "all/0/do", "all/1/do"],
      without: ["plain", "all/0/too"],
    });
  });

  it("are not those of a part of the plan that stays", () => {
    const steps = [mail("a"), mail("b", ["a"]), tool("c", { needs: ["b"] })];
    const given = [ran("a", "b", "c")];
    expect(named(steps, given, { part: { from: "b" } })).toEqual({ irreversible: ["b"], without: ["c"] });
    expect(named(steps, given, { part: { to: "a" } })).toEqual({ irreversible: ["b"], without: ["c"] });
    expect(named(steps, given, { part: {} }).irreversible).toEqual(["a", "b"]);
  });

  it("are asked of tool steps alone: what approvals fall back to has no say in it", () => {
    const driver = begun([approve("q", { fallback: [call()] })]);
    const hash = recordOf(driver, "q").wait?.approval?.hash ?? "";
    tell(driver, { type: "DecideApproval", step: "q", hash, verdict: "denied", by: "os:alice", roles: [] });
    answerOne(driver, "q");
    const { state } = driver;
    expect(state.root === undefined ? state : withoutUndoIn(state, state.root)).toEqual([]);
  });
});

describe("effects whose records have left memory", () => {
  const body = [mail("do"), tool("too"), tool("fine", { undo }), value("v", 1)];
  const parts = ["do", "too", "fine"];
  const item = (path: string) => [ran(...parts.map((id) => `${path}/${id}`)), succeeded(`${path}/v`, { attempt: 0 })];

  it("go by the names of their blocks, and come first", () => {
    const steps = [mail("mail"), each("all", [1, 2, 3], { steps: body })];
    const open = [ran("mail"), opened("all", 0, 1), ...item("all/0")];
    expect(named(steps, open)).toEqual({ irreversible: ["mail", "all/0/do"], without: ["all/0/too"] });
    const given = [...open, closed("all", 0, 1)];
    expect(named(steps, given)).toEqual({ irreversible: ["all/*/do", "mail"], without: ["all/*/too"] });
    expect(named(steps, given, { part: { from: "all" } }).irreversible).toEqual(["all/*/do"]);
    expect(named(steps, given, { part: { from: "mail" } }).irreversible).toEqual(["mail"]);
  });

  it("do so also inside of an item that is in memory, and of a call", () => {
    const inner = each("in", [1, 2, 3], { steps: body });
    const deep = [tool("m", { undo }), each("all", [1, 2, 3], { steps: [tool("x", { undo }), inner] })];
    const given = [
      ran("m"),
      opened("all", 0, 2),
      opened("all/1/in", 0, 1),
      ...item("all/1/in/0"),
      closed("all/1/in", 0, 1),
    ];
    expect(named(deep, given)).toEqual({ irreversible: ["all/1/in/*/do"], without: ["all/1/in/*/too"] });
  });

  it("go through everything that is inside: items, iterations, and called plans by their own name", () => {
    const calls = { other: calledPlan.parse({ name: "other", steps: [mail("sent")] }) };
    const steps = [repeat("more", "true", { steps: [mail("again")] }), calling("c", "other"), tool("too")];
    const all = each("all", [1, 2, 3], { steps, tolerate: { count: 3 } });
    const skipped = ["more", "c", "too"].map((id) =>
      fact("StepSkipped", { step: `all/0/${id}`, reason: { kind: "when" } as const }),
    );
    const { irreversible, without } = named([all], [opened("all", 0, 1), skipped, closed("all", 0, 1)], { calls });
    expect(irreversible).toEqual(["all/*/more/*/again", "all/*/c/sent"]);
    expect(without).toEqual(["all/*/too"]);
  });
});

describe("an effect", () => {
  const unknown = { kind: "unknown", policy: "ask" } as const;
  const again = { kind: "retry", dueAt: 1_000, delayMs: 0 } as const;
  const fell = (outcome?: typeof failure | typeof stopped) => [
    dispatched("a"),
    lost("a"),
    ...(outcome === undefined ? [] : [late("a", { outcome })]),
  ];

  it.each<readonly [string, Given, boolean]>([
    ["may be there after a silence", fell(), true],
    ["is not there where the silent attempt says so late", fell(failure), false],
    ["is not there where the silent attempt was stopped", fell(stopped), false],
    [
      "may be there where an attempt before the one that failed was silent",
      [dispatched("a"), lost("a", { next: again }), dispatched("a", { attempt: 2 }), failed("a", { attempt: 2 })],
      true,
    ],
    [
      "may be there while the outcome is unknown, whatever is heard of a stop",
      [dispatched("a", { idempotent: false }), lost("a", { next: unknown }), late("a", { outcome: stopped })],
      true,
    ],
    [
      "is not there where a person has said that it was done otherwise",
      [fact("StepOutcomeGiven", { step: "a", outcome: { kind: "done", output: inline(1) } })],
      false,
    ],
  ])("%s", (_, given, isThere) => {
    const { irreversible } = named([mail("a")], given, { onFailure: "continue" });
    expect(irreversible).toEqual(isThere ? ["a"] : []);
  });
});
