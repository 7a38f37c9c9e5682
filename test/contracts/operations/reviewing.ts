// What several people say of a question: who counts, what is refused, and what a reviewer is shown.
import { describe, expect, it } from "vitest";
import { NO_PLAN, REVIEWED, WANTS_TWO, type Doorway } from "./doorway.ts";

export function reviewingContract(door: Doorway): void {
  async function waiting() {
    const plan = await door.start(WANTS_TWO());
    const { step, hash } = await door.asked(plan);
    return { plan, step, hash };
  }

  describe("reviewing", () => {
    it("shows the question with all that it covers, and who has said what", async () => {
      const { plan, step, hash } = await waiting();
      await door.client.approve({ plan, step, hash, note: "fine" });
      expect(await door.client.review({ plan, audit: true })).toMatchObject({
        ...{ plan, name: "for_two", status: "running", comments: [] },
        questions: [
          {
            ...{ step, hash, role: "reviewer", approvers: 2, missing: 1, show: "is it good?" },
            covers: [{ step: "after", state: "pending" }],
            covered: [{ step: "after", irreversible: false, definition: { id: "after", kind: "value" } }],
            reviews: [{ by: door.actor, verdict: "approved", note: "fine" }],
          },
        ],
        audit: [
          { what: "asked", step, hash },
          { what: "approved", by: door.actor, step, hash, note: "fine" },
        ],
      });
      await door.client.cancel({ plan });
    });

    it("counts two approvers who speak at once, each once", async () => {
      const { plan, step, hash } = await waiting();
      const answers = await Promise.all([
        door.client.approve({ plan, step, hash }),
        door.other.approve({ plan, step, hash }),
        door.client.approve({ plan, step, hash }),
        door.other.approve({ plan, step, hash }),
      ]);
      expect(answers.filter(({ changed }) => changed)).toHaveLength(2);
      expect(await door.ended(plan)).toMatchObject({ status: "succeeded", response: 2 });
      const { facts } = await door.client.history({ plan });
      const words = facts.filter(({ type }) => type === "StepReviewed").map(({ data }) => data);
      expect(words).toHaveLength(2);
      expect(words).toContainEqual(expect.objectContaining({ by: door.actor, verdict: "approved" }));
    });

    it("counts nobody twice, and lets a word be taken back", async () => {
      const { plan, step, hash } = await waiting();
      await expect(door.client.withdraw({ plan, step, hash })).rejects.toMatchObject({ code: "nothing-to-withdraw" });
      expect(await door.client.approve({ plan, step, hash })).toMatchObject({ changed: true, status: "running" });
      expect(await door.client.approve({ plan, step, hash })).toMatchObject({ changed: false, status: "running" });
      expect(await door.client.withdraw({ plan, step, hash, note: "not yet" })).toMatchObject({ changed: true });
      expect(await door.client.review({ plan })).toMatchObject({ questions: [{ missing: 2, reviews: [] }] });
      await door.client.cancel({ plan });
    });

    it("takes no other approval while changes are asked for, until the plan is revised", async () => {
      const { plan, step, hash } = await waiting();
      const note = "count more";
      expect(await door.client.requestChanges({ plan, step, hash, note })).toMatchObject({ plan, changed: true });
      await expect(door.other.approve({ plan, step, hash })).rejects.toMatchObject({ code: "changes-requested" });
      await door.other.revise({ plan, source: WANTS_TWO("+ 1"), edition: 1, note: "one more" });
      await door.until(async () => (await door.client.review({ plan })).questions[0]?.hash !== hash);
      const { questions, revision } = await door.client.review({ plan });
      expect(questions).toMatchObject([{ step, missing: 2, reviews: [] }]);
      expect(revision).toMatchObject({ edition: 2, note: "one more", changes: [{ step: "after", change: "changed" }] });
      expect(revision?.differences).toMatchObject([
        {
          step: "after",
          path: "value",
          before: expect.not.stringContaining("+ 1"),
          after: expect.stringContaining("+ 1"),
        },
      ]);
      for (const say of ["approve", "deny", "withdraw"] as const) {
        const outdated = door.client[say]({ plan, step, hash });
        await expect(outdated).rejects.toMatchObject({ code: "approval-outdated" });
      }
      const late = door.client.requestChanges({ plan, step, hash, note });
      await expect(late).rejects.toMatchObject({ code: "approval-outdated" });
      const now = questions[0]?.hash ?? "";
      await Promise.all([door.client, door.other].map((client) => client.approve({ plan, step, hash: now })));
      expect(await door.ended(plan)).toMatchObject({ status: "succeeded", response: 3 });
    });

    it("takes no word from whoever has not the role", async () => {
      const plan = await door.start(WANTS_TWO().replace("role: reviewer", "role: owner"));
      const { step, hash } = await door.asked(plan);
      const said = { plan, step, hash };
      await expect(door.client.approve(said)).rejects.toMatchObject({ code: "not-permitted" });
      await expect(door.client.deny(said)).rejects.toMatchObject({ code: "not-permitted" });
      const request = door.client.requestChanges({ ...said, note: "no" });
      await expect(request).rejects.toMatchObject({ code: "not-permitted" });
      await door.client.cancel({ plan });
    });

    it("keeps comments, with the question that they were made of", async () => {
      const { plan, step, hash } = await waiting();
      expect(await door.client.comment({ plan, step, text: "why?" })).toMatchObject({ plan, changed: true });
      await door.other.comment({ plan, text: "because" });
      await expect(door.client.comment({ plan, step: "nowhere", text: "hm" })).rejects.toMatchObject({
        code: "unknown-step",
      });
      expect(await door.client.review({ plan })).toMatchObject({
        comments: [{ by: door.actor, text: "why?", about: step, hash }, { text: "because" }],
        questions: [{ missing: 2 }],
      });
      await door.client.cancel({ plan });
    });

    it("reports who was asked and who has approved, also as a document and as it was before", async () => {
      const plan = await door.start(REVIEWED);
      const { step, hash } = await door.asked(plan);
      const { revision } = await door.client.get({ plan });
      await door.client.approve({ plan, step, hash });
      await door.ended(plan);
      const report = await door.client.report({ plan, format: "md" });
      expect(report).toMatchObject({ plan, approvals: [{ step, hash, state: "approved", by: [door.actor] }] });
      expect(report.text).toContain(door.actor);
      expect(await door.client.report({ plan, revision })).toMatchObject({ approvals: [{ step, state: "asked" }] });
    });

    it("knows no plan that is not there", async () => {
      const said = { plan: NO_PLAN, step: "review", hash: "h" };
      const answers = await Promise.allSettled([
        door.client.review({ plan: NO_PLAN }),
        door.client.report({ plan: NO_PLAN }),
        door.client.comment({ plan: NO_PLAN, text: "hm" }),
        door.client.approve(said),
        door.client.withdraw(said),
        door.client.requestChanges({ ...said, note: "no" }),
      ]);
      const codes = answers.map((answer) => (answer.status === "rejected" ? (answer.reason as object) : answer));
      expect(codes).toMatchObject(answers.map(() => ({ code: "plan-unknown" })));
    });
  });
}
