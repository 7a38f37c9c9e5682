import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode } from "#events/catalog.ts";
import type { AttemptOutcome } from "#events/commands.ts";
import type { StepDefinition } from "#events/definition.ts";
import { inline } from "#events/payload.ts";
import { NO_BLOBS } from "#machines/blobs.ts";
import type { Decision } from "#machines/decide/decision.ts";
import { pathAt } from "#machines/state.ts";
import type { Part } from "#machines/undoing.ts";
import { selectRollback, type RollbackPreview } from "#projections/rollback-preview.ts";
import { answerAll } from "../machines/inside/answering.ts";
import { Driver } from "../machines/driver.ts";
import { call, each, ONCE, planOf, tool, value } from "../machines/plans.ts";
import { live, turbulentWorlds } from "../machines/world.ts";

const SUCCESS: AttemptOutcome = { kind: "succeeded", output: inline(null) };
const STOPPED: AttemptOutcome = { kind: "cancelled" };
const MAX_TURNS = 200;

const undo = { call: call({ tool: "test.undo", with: { of: "${output}" } }), retry: ONCE };
const done = (id: string, fields: Parameters<typeof tool>[1] = {}) => tool(id, { undo, ...fields });

function run(steps: readonly StepDefinition[]): Driver {
  const driver = new Driver();
  driver.turn({ commands: [{ type: "StartPlan", definition: planOf(steps), inputs: {} }] });
  answerAll(driver, (step) => step);
  return driver;
}

function previewOf({ state }: Driver, part: Part = {}): RollbackPreview {
  const previewed = selectRollback(state, part, NO_BLOBS);
  if (previewed.kind !== "preview") throw new Error(`blobs are missing: ${previewed.refs.join(", ")}`);
  return previewed.preview;
}

const steps = ({ layers }: RollbackPreview) => layers.map((calls) => calls.map(({ step }) => step));

describe("the preview of a rollback", () => {
  const diamond = [
    done("root"),
    done("left", { needs: ["root"] }),
    done("right", { needs: ["root"] }),
    tool("mail", { needs: ["left"], irreversible: true }),
    tool("log", { needs: ["right"] }),
    value("sum", 1, { needs: ["mail", "log"] }),
  ];

  it("names the calls in the order in which they would run", () => {
    const preview = previewOf(run(diamond));
    expect(steps(preview)).toEqual([["right", "left"], ["root"]]);
    expect(preview.layers[1]).toEqual([
      { step: "root", tool: "test.undo", version: "1.0.0", args: inline({ of: "root" }) },
    ]);
  });

  it("names what has happened for good, and what nothing takes back although it could be", () => {
    const preview = previewOf(run(diamond));
    expect(preview).toMatchObject({ irreversible: ["mail"], withoutUndo: ["log"], running: [] });
    expect(preview.refusal).toBeUndefined();
  });

  it("is of a part of the plan where a part is asked for", () => {
    const driver = run(diamond);
    expect(steps(previewOf(driver, { from: "left" }))).toEqual([["left"]]);
    expect(previewOf(driver, { from: "right" })).toMatchObject({ irreversible: [], withoutUndo: ["log"] });
    expect(steps(previewOf(driver, { to: "left" }))).toEqual([["right"]]);
  });

  it("names what still runs, and counts it as not having happened", () => {
    const driver = new Driver();
    const definition = planOf([done("a"), done("b")]);
    driver.turn({ commands: [{ type: "StartPlan", definition, inputs: {} }] });
    expect(previewOf(driver)).toMatchObject({ running: ["a", "b"], layers: [] });
  });

  it("says why there can be no rollback, in the decision's own words", () => {
    expect(previewOf(new Driver())).toMatchObject({ refusal: { code: "plan-unknown" }, layers: [] });
    expect(previewOf(run(diamond), { from: "nobody" }).refusal).toMatchObject({ code: "unknown-step" });
  });

  it("names steps of items that have left memory by their block", () => {
    const inner = each("rows", [1, 2], { steps: [tool("write")] });
    const outer = each(
      "pages",
      Array.from({ length: 600 }, (_, index) => index),
      {
        steps: [tool("send", { irreversible: true }), inner],
      },
    );
    const driver = run([outer]);
    const { irreversible, withoutUndo } = previewOf(driver);
    expect(irreversible).toContain("pages/*/send");
    expect(withoutUndo).toContain("pages/*/rows/*/write");
  });

  it("is what a rollback then does, in any history and for any part of a plan", () => {
    const picks = fc.record({ cut: fc.nat(), step: fc.nat(), bound: fc.constantFrom("none", "from", "to") });
    fc.assert(
      fc.property(turbulentWorlds, picks, (world, { cut, step, bound }) => {
        const { events } = live(world);
        const driver = taken(events.slice(0, 1 + (cut % events.length)));
        const ids = driver.state.drafted!.definition.steps.map(({ id }) => id);
        const id = ids[step % ids.length]!;
        const part = bound === "from" ? { from: id } : bound === "to" ? { to: id } : {};
        const preview = previewOf(driver, part);
        const before = driver.events.length;
        const [answer] = driver.turn({
          commands: [{ type: "RollbackPlan", acceptIrreversible: true, ...part }],
          slots: 0,
        });
        expectAnswer(answer!, preview);
        if (answer?.kind !== "accepted") return;
        answerToTheEnd(driver);
        expectDone(driver, before, preview);
      }),
      { numRuns: 300 },
    );
  });
});

/** The decision refuses what the preview says it would, and names the same irreversible steps. */
function expectAnswer(answer: Decision, { refusal, irreversible }: RollbackPreview): void {
  if (answer.kind === "accepted") {
    expect(refusal).toBeUndefined();
    expect(answer.facts[0]?.data).toMatchObject({ irreversible });
  } else expect(answer.kind === "rejected" ? answer.code : answer.kind).toBe(refusal?.code ?? "duplicate");
}

/** A plan that has come so far. */
function taken(events: Driver["events"]): Driver {
  const driver = new Driver();
  for (const event of events) {
    driver.now = event.origin.occurredAt;
    driver.record(decode(event));
  }
  // What is due happens before anybody looks.
  driver.turn({ slots: 0 });
  return driver;
}

/** What ran before the rollback stops, undo calls succeed. */
function answerToTheEnd(driver: Driver): void {
  const { state } = driver;
  for (let turn = 0; state.running.size > 0 || turn === 0; turn++) {
    if (turn > MAX_TURNS) throw new Error("the rollback does not end");
    const commands = [...state.running].map((index) => {
      const record = state.steps[index]!;
      const { attempt, executor } = record.dispatched!;
      const outcome = record.undoes === undefined ? STOPPED : SUCCESS;
      return { type: "ReportAttempt" as const, step: pathAt(state, index), attempt, executor, outcome };
    });
    driver.turn({ commands });
  }
}

/** The calls that ran are those of the preview, each after all calls of the layers before its own. */
function expectDone({ events }: Driver, before: number, { layers }: RollbackPreview): void {
  const ran: { readonly undoes: string; readonly args: unknown; readonly from: number; to: number }[] = [];
  const open = new Map<string, (typeof ran)[number]>();
  events.slice(before).forEach((event, at) => {
    const fact = decode(event);
    if (fact.type === "StepDispatched" && fact.data.undoes !== undefined) {
      const call = { undoes: fact.data.undoes, args: fact.data.args, from: at, to: Infinity };
      open.set(fact.data.step, call);
      ran.push(call);
    } else if (fact.type === "StepSucceeded") Object.assign(open.get(fact.data.step) ?? {}, { to: at });
  });
  const isWhole = layers.flat().every(({ args }) => args !== undefined);
  const previewed = layers.flat().flatMap(({ step, args }) => (args === undefined ? [] : [{ step, args }]));
  const called = ran.map(({ undoes, args }) => ({ step: undoes, args }));
  if (isWhole) expect(sorted(called)).toEqual(sorted(previewed));
  else expect(previewed).toEqual(expect.arrayContaining(called));
  const layerOf = new Map(layers.flatMap((calls, layer) => calls.map(({ step }) => [step, layer])));
  for (const one of ran) {
    const earlier = ran.filter(({ undoes }) => layerOf.get(undoes)! < layerOf.get(one.undoes)!);
    expect(earlier.filter(({ to }) => to > one.from).map(({ undoes }) => undoes)).toEqual([]);
  }
}

function sorted<T extends { readonly step: string }>(list: readonly T[]): T[] {
  return list.toSorted((a, b) => (a.step < b.step ? -1 : 1));
}
