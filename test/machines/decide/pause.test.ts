import { describe, it } from "vitest";
import { fact } from "#events/catalog.ts";
import { pausePlan, resumePlan } from "#machines/decide/pause.ts";
import { scenario } from "#src/testing/scenario.ts";
import {
  cancelRequested,
  dispatched,
  NOW,
  GIVEN_AT,
  planFailed,
  planOf,
  started,
  tool,
  UNAVAILABLE,
} from "../plans.ts";

const plan = planOf([tool("a")]);
const pause = { type: "PausePlan" as const };
const resume = { type: "ResumePlan" as const };
const paused = fact("PlanPaused", { epoch: 1 });

describe("PausePlan", () => {
  it("stops a plan that runs, and says why where somebody says so", () => {
    scenario(pausePlan).given(started(plan)).when(pause).then(paused);
    const note = "the disk is full";
    scenario(pausePlan)
      .given(started(plan), dispatched("a"))
      .when({ ...pause, note })
      .then(fact("PlanPaused", { epoch: 1, note }));
  });

  it("appends nothing the second time", () => {
    scenario(pausePlan).given(started(plan), paused).when(pause).thenDuplicate();
  });

  it("is refused where there is nothing to stop any more, or not yet", () => {
    scenario(pausePlan).when(pause).thenRejected("plan-unknown");
    scenario(pausePlan).given(started(plan), cancelRequested()).when(pause).thenRejected("plan-ending");
    scenario(pausePlan).given(started(plan), planFailed(UNAVAILABLE)).when(pause).thenRejected("plan-ended");
  });
});

describe("ResumePlan", () => {
  it("lets a plan go on, and says why where somebody says so", () => {
    scenario(resumePlan)
      .given(started(plan), paused)
      .when(resume)
      .then(fact("PlanResumed", { epoch: 1 }));
    const note = "there is space";
    scenario(resumePlan)
      .given(started(plan), paused)
      .when({ ...resume, note })
      .then(fact("PlanResumed", { epoch: 1, note }));
  });

  it("moves the deadlines by the time that the plan stood still, where the plan says so", () => {
    const still = planOf([tool("a")], { pauseStopsClock: true });
    const stood = fact("PlanResumed", { epoch: 1, shiftMs: NOW - GIVEN_AT });
    scenario(resumePlan).given(started(still), paused).when(resume).then(stood);
    const back = fact("PlanResumed", { epoch: 1, shiftMs: 0 });
    scenario(resumePlan)
      .given(started(still), paused)
      .at(GIVEN_AT - 1)
      .when(resume)
      .then(back);
  });

  it("appends nothing where the plan runs", () => {
    scenario(resumePlan).given(started(plan)).when(resume).thenDuplicate();
  });

  it("is refused where the plan ends, has ended, or is not there", () => {
    scenario(resumePlan).when(resume).thenRejected("plan-unknown");
    scenario(resumePlan).given(started(plan), paused, cancelRequested()).when(resume).thenRejected("plan-ending");
    scenario(resumePlan).given(started(plan), planFailed(UNAVAILABLE)).when(resume).thenRejected("plan-ended");
  });
});
