import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inline } from "#events/payload.ts";
import { decide } from "#machines/decide/decide.ts";
import { pathAt } from "#machines/state.ts";
import { selectApprovals, type ApprovalRequest } from "#projections/approvals.ts";
import { EPOCH, approve, tool, value } from "../machines/plans.ts";
import { live, turbulentWorlds } from "../machines/world.ts";
import { PlanInProgress, START } from "./plan-in-progress.ts";

const publish = tool("publish", { needs: ["review"] });

describe("the approvals of a plan", () => {
  it("say who may approve what, since when, until when, and what is shown", () => {
    const review = approve("review", {
      role: "editor",
      show: { text: "${steps.notes.output}" },
      expiresMs: 900,
      needs: ["notes"],
    });
    const plan = new PlanInProgress([value("notes", "new"), review, publish]);
    expect(selectApprovals(plan.state)).toEqual([
      {
        step: "review",
        hash: expect.stringMatching(/./),
        role: "editor",
        show: inline({ text: "new" }),
        covers: [{ step: "publish", hash: expect.stringMatching(/./), state: "pending" }],
        approvers: 1,
        reviews: [],
        askedAt: START,
        expiresAt: START + 900,
      },
    ]);
  });

  it("need no role, and no end, where none was asked for", () => {
    const [request] = selectApprovals(new PlanInProgress([approve("review"), publish]).state);
    expect(Object.keys(request!).sort()).toEqual(["approvers", "askedAt", "covers", "hash", "reviews", "step"]);
  });

  it("are the oldest first, and none once they are answered or the plan has ended", () => {
    const plan = new PlanInProgress([approve("second", { needs: ["a"] }), approve("first"), tool("a")]).after(5);
    plan.succeed("a");
    expect(selectApprovals(plan.state).map(({ step }) => step)).toEqual(["first", "second"]);
    plan.tell(answer(selectApprovals(plan.state)[0]!));
    expect(selectApprovals(plan.state).map(({ step }) => step)).toEqual(["second"]);
    plan.tell({ type: "CancelPlan" });
    expect(selectApprovals(plan.state)).toEqual([]);
  });

  it("are the questions that an answer counts for, and all of them, in every history", () => {
    fc.assert(
      fc.property(turbulentWorlds, (world) => {
        live(world, {
          onFold: (_fact, state) => {
            const open = new Map(selectApprovals(state).map((request) => [request.step, request]));
            state.steps.forEach((record, index) => {
              const hash = record?.wait?.approval?.hash;
              if (hash === undefined) return;
              const step = pathAt(state, index);
              const moment = { now: START, epoch: EPOCH, random: () => 0 };
              const decision = decide(
                { ...answer(open.get(step) ?? { step, hash }), verdict: "denied" },
                state,
                moment,
              );
              expect(decision.kind === "accepted", JSON.stringify(decision)).toBe(open.has(step));
            });
          },
        });
      }),
      { numRuns: 100 },
    );
  });
});

function answer({ step, hash, role }: Pick<ApprovalRequest, "step" | "hash" | "role">) {
  const roles = role === undefined ? [] : [role];
  return { type: "DecideApproval", step, hash, verdict: "approved", by: "os:alice", roles } as const;
}
