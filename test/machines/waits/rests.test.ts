import { describe, expect, it } from "vitest";
import { decode } from "#events/catalog.ts";
import type { AttemptOutcome } from "#events/commands.ts";
import type { PlanDefinition, Replan, StepDefinition } from "#events/definition.ts";
import { errorOf } from "#events/errors.ts";
import type { Json } from "#events/json.ts";
import { inline, valueOf } from "#events/payload.ts";
import { NO_BLOBS } from "#machines/blobs.ts";
import { decodeState, encodeState } from "#machines/snapshot.ts";
import { draftedOf, recordAt } from "#machines/state.ts";
import { stepIndex } from "#machines/step-path.ts";
import { Driver } from "../driver.ts";
import { approve, call, INVALID, ONCE, PLAN, planOf, tool, UNAVAILABLE, value, wait, WORKER } from "../plans.ts";

const planning = tool("plan", { revises: true });
const replan: Replan = { call: call({ tool: "test.replan" }), retry: ONCE, max: 2 };

function begin(steps: readonly StepDefinition[], fields: Partial<PlanDefinition> = {}): Driver {
  const driver = new Driver();
  driver.turn({ commands: [{ type: "StartPlan", definition: planOf(steps, fields), inputs: {} }] });
  return driver;
}

/** The step's last attempt ends like this; the facts that follow. */
function report(driver: Driver, step: string, outcome: AttemptOutcome): readonly string[] {
  const before = driver.events.length;
  const { attempt } = recordAt(driver.state, stepIndex(driver.state, step)).chart.context;
  driver.turn({ commands: [{ type: "ReportAttempt", step, attempt, executor: WORKER, outcome }] });
  return driver.events.slice(before).map(({ type }) => type);
}

const gives = (output: Json): AttemptOutcome => ({ kind: "succeeded", output: inline(output) });
const restOf = (steps: readonly StepDefinition[], more: object = {}): AttemptOutcome =>
  gives({ rest: { steps: steps as unknown as Json, ...more } });
const failed = (error = UNAVAILABLE): AttemptOutcome => ({ kind: "failed", error });
const planState = ({ state }: Driver) => state.header.value;
const idsOf = ({ state }: Driver) => draftedOf(state).definition.steps.map(({ id }) => id);

describe("a step that revises", () => {
  it("writes the rest of the plan, in the append of its own success", () => {
    const driver = begin([planning]);
    const rest = restOf(
      [tool("a", {}, { with: { x: "${inputs}" } }), value("b", "${steps.a.output}", { needs: ["a"] })],
      { respond: "${steps.b.output}" },
    );
    expect(report(driver, "plan", rest)).toEqual(["StepSucceeded", "PlanRevised", "StepDispatched"]);
    expect(driver.events.find(({ type }) => type === "PlanRevised")?.data).toMatchObject({
      edition: 2,
      cause: { kind: "rest", step: "plan" },
    });
    report(driver, "a", gives("done"));
    expect(planState(driver)).toBe("succeeded");
    expect(driver.state.response).toEqual(inline("done"));
  });

  it("fails where what it gave is no rest, and there is no success without a revision", () => {
    for (const output of [null, 1, { rest: {} }, { rest: { steps: [{ kind: "shell" }] } }]) {
      const driver = begin([planning]);
      expect(report(driver, "plan", gives(output))).toEqual(["StepFailed", "PlanFailed"]);
      expect(driver.state.error?.message).toContain("gave no rest of the plan");
    }
  });

  it.each([
    ["does what has begun otherwise", [tool("plan", { revises: true }, { with: { x: 1 } })]],
    ["needs what is not there", [tool("a", { needs: ["ghost"] })]],
    ["goes in a circle", [tool("a", { needs: ["b"] }), tool("b", { needs: ["a"] })]],
    ["has a step twice", [tool("a"), tool("a")]],
  ])("fails where the rest %s", (_, steps) => {
    const driver = begin([planning]);
    expect(report(driver, "plan", restOf(steps))).toEqual(["StepFailed", "PlanFailed"]);
    expect(driver.state.error?.message).toContain("the rest of the plan cannot be");
    expect(idsOf(driver)).toEqual(["plan"]);
  });

  it("leaves alone what has begun, and replaces what has not", () => {
    const driver = begin([planning, tool("running"), wait("waiting", 1_000), tool("later", { needs: ["running"] })]);
    report(driver, "plan", restOf([tool("other", { needs: ["running"] })]));
    expect(idsOf(driver)).toEqual(["plan", "running", "waiting", "other"]);
    report(driver, "running", gives(1));
    expect(recordAt(driver.state, stepIndex(driver.state, "other")).chart.value).toBe("running");
  });

  it("may give another that revises: a question, and what follows its answer", () => {
    const driver = begin([planning]);
    report(driver, "plan", restOf([tool("plan_2", { revises: true, needs: ["plan"] })]));
    report(driver, "plan_2", restOf([value("a", 1)]));
    expect(idsOf(driver)).toEqual(["plan", "plan_2", "a"]);
    expect(planState(driver)).toBe("succeeded");
    expect(driver.state.header.context.edition).toBe(3);
  });

  it("has no effect where the plan was given up meanwhile", () => {
    const driver = begin([planning]);
    driver.turn({ commands: [{ type: "CancelPlan" }] });
    expect(report(driver, "plan", restOf([value("a", 1)]))).toEqual(["StepCancelled", "PlanCancelled"]);
    expect(idsOf(driver)).toEqual(["plan"]);
  });

  it("does not revise late: what the plan has come to since stays", () => {
    const driver = begin([planning]);
    driver.turn({ commands: [{ type: "LoseAttempt", step: "plan", attempt: 1, executor: WORKER }] });
    const before = driver.events.length;
    driver.turn({
      commands: [
        { type: "ReportAttempt", step: "plan", attempt: 1, executor: WORKER, outcome: restOf([value("a", 1)]) },
      ],
      slots: 0,
    });
    expect(driver.events.slice(before)).toMatchObject([{ type: "StepLateReported", data: { adopted: false } }]);
  });

  it("takes no outcome from a person", () => {
    const driver = begin([planning]);
    report(driver, "plan", failed(INVALID));
    const command = { type: "GiveOutcome", step: "plan", outcome: { kind: "done", output: inline(1) } } as const;
    expect(driver.turn({ commands: [command] })[0]).toMatchObject({ kind: "rejected", code: "rest-wanted" });
  });
});

describe("a plan that says who replans", () => {
  const a = tool("a", {}, { with: { path: "$${HOME} ${1 + 1}" } });
  const b = tool("b", { needs: ["a"] }, { with: { x: "${steps.a.output}" } });
  const c = tool("c", { needs: ["b"] });

  function failing(fields: Partial<PlanDefinition> = {}): Driver {
    const driver = begin([a, b, c], { replan, ...fields });
    report(driver, "a", gives({ found: "${steps.secret}" }));
    return driver;
  }

  it("goes on to that instead of failing, with all that it has to know as data", () => {
    const driver = failing();
    expect(report(driver, "b", failed(errorOf("not-found", "gone", "no ${inputs.x} there")))).toEqual([
      "StepFailed",
      "PlanRevised",
      "StepDispatched",
    ]);
    expect(idsOf(driver)).toEqual(["a", "replan_1"]);
    expect(driver.events.at(-2)?.data).toMatchObject({ cause: { kind: "failure", failed: ["b"] } });
    const { dispatched } = recordAt(driver.state, stepIndex(driver.state, "replan_1"));
    const args = dispatched === undefined ? undefined : valueOf(dispatched.args, NO_BLOBS);
    expect(args).toMatchObject({
      failure: {
        number: 1,
        plan: { steps: [a, b, c] },
        outcomes: {
          a: { state: "succeeded" },
          b: { state: "failed", error: { category: "not-found", message: "no ${inputs.x} there" } },
          c: { state: "pending" },
        },
        done: { a: { found: "${steps.secret}" } },
      },
    });
  });

  it("keeps finished work, which the rest reads", () => {
    const driver = failing();
    report(driver, "b", failed());
    report(driver, "replan_1", restOf([tool("b2", { needs: ["a"] }, { with: { x: "${steps.a.output.found}" } })]));
    expect(idsOf(driver)).toEqual(["a", "replan_1", "b2"]);
    report(driver, "b2", gives(1));
    expect(planState(driver)).toBe("succeeded");
    const dispatched = driver.events
      .map(decode)
      .flatMap(({ type, data }) => (type === "StepDispatched" ? [data.step] : []));
    expect(dispatched).toEqual(["a", "b", "replan_1", "b2"]);
  });

  it("tells whoever replans again what was tried, and not once more of the plan of before", () => {
    const driver = failing();
    report(driver, "b", failed());
    report(driver, "replan_1", restOf([tool("b", { needs: ["a"] })]));
    report(driver, "b", failed());
    const { dispatched } = recordAt(driver.state, stepIndex(driver.state, "replan_2"));
    const args = dispatched === undefined ? undefined : valueOf(dispatched.args, NO_BLOBS);
    const told = [{ id: "a" }, { id: "replan_1", call: { with: { failure: expect.objectContaining({ number: 1 }) } } }];
    expect(args).toMatchObject({ failure: { number: 2, plan: { steps: [...told, { id: "b" }] } } });
    expect(args).not.toHaveProperty("failure.plan.steps.1.call.with.failure.plan");
    expect(args).not.toHaveProperty("failure.done.replan_1");
  });

  it("replans at once also where somebody had agreed to a step: planning was not meant", () => {
    const driver = begin([approve("agreed"), tool("b", { needs: ["agreed"] })], { replan });
    const [asking] = driver.events.map(decode).flatMap((one) => (one.type === "StepWaitStarted" ? [one.data] : []));
    const agreed = {
      step: "agreed",
      hash: asking?.approval?.hash ?? "",
      verdict: "approved",
      by: "os:a",
      roles: [],
    } as const;
    driver.turn({ commands: [{ type: "DecideApproval", ...agreed }] });
    report(driver, "b", failed());
    expect(recordAt(driver.state, stepIndex(driver.state, "replan_1")).chart.value).toBe("running");
  });

  it("is replanned so often and no more", () => {
    const driver = failing();
    report(driver, "b", failed());
    for (const number of [1, 2]) {
      report(driver, `replan_${number}`, restOf([tool("b", { needs: ["a"] })]));
      report(driver, "b", failed());
    }
    expect(planState(driver)).toBe("failed");
    expect(driver.state.error?.message).toContain("b failed");
  });

  it("fails where the replanning does, and says why", () => {
    const driver = failing();
    report(driver, "b", failed());
    report(driver, "replan_1", failed(errorOf("not-found", "nothing-else", "no other tool can do it")));
    expect(planState(driver)).toBe("failed");
    expect(driver.state.error?.message).toContain("no other tool can do it");
  });

  it("tells of its own steps how it ended, those of before it was revised aside", () => {
    const driver = failing({
      respond: {
        $done: "fine",
        $failed: "${size(failed)} failed.",
        $partial: "${done} done, ${failed[0].step} failed.",
      },
    });
    report(driver, "b", failed());
    report(driver, "replan_1", failed(errorOf("not-found", "nothing-else", "no other tool can do it")));
    expect(driver.state.response).toEqual(inline("1 done, replan_1 failed."));
  });

  it("waits for what runs, and rolls back only when nobody replans any more", () => {
    const driver = begin([a, tool("other"), b], { replan: { ...replan, max: 1 }, onFailure: "rollback" });
    report(driver, "a", failed());
    expect(idsOf(driver)).toContain("b");
    report(driver, "other", gives(1));
    expect(idsOf(driver)).toEqual(["other", "replan_1"]);
    report(driver, "replan_1", failed(INVALID));
    expect(driver.events.map(({ type }) => type)).toContain("PlanRollbackStarted");
  });

  it("is the same after its state was saved and read", () => {
    const driver = failing();
    report(driver, "b", failed());
    const { state } = driver;
    const encoded = encodeState(state);
    expect(encodeState(decodeState(PLAN, encoded, NO_BLOBS))).toEqual(encoded);
  });

  it("was called off by a person and is not replanned", () => {
    const driver = failing();
    driver.turn({ commands: [{ type: "CancelPlan" }] });
    report(driver, "b", failed());
    expect(planState(driver)).toBe("cancelled");
  });
});
