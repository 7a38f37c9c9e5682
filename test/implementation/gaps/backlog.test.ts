import { describe, expect, it } from "vitest";
import type { RequestRow } from "#projections/requests-view.ts";
import { emptyStatistics, reportOf } from "#projections/tool-statistics.ts";
import { backlogOf } from "#src/implementation/gaps/backlog.ts";

const asked = (request: string, at: number, code = "out-of-scope"): RequestRow => ({
  ...{ request, session: "-", at, outcome: "failed", made: null },
  refused: { code, message: "no tool has anything to do with this" },
});
const ran = (tool: string, { succeeded = 0, failed = 0, lastAt = 1 }) =>
  reportOf(tool, {
    ...emptyStatistics(),
    ...{ attempts: succeeded + failed, succeeded, lastAt },
    ...(failed === 0 ? {} : { failed: { unavailable: failed } }),
  });

describe("a backlog", () => {
  it("has a wish that no tool could do, weighed by how often it was made", () => {
    const requests = [asked("Book  a table for 4", 1), asked("book a table for 2", 3), asked("paint the fence", 2)];
    expect(backlogOf({ requests, reports: [] })).toMatchObject([
      { id: "can_book_a_table_for", weight: 2, check: { kind: "request", request: "book a table for 2" } },
      { id: "can_paint_the_fence", weight: 1, why: expect.stringContaining("out-of-scope") as string },
    ]);
  });

  it("has no wish that was refused for another reason, or was answered", () => {
    const answered: RequestRow = { request: "x", session: "-", at: 1, outcome: "succeeded", made: null };
    expect(backlogOf({ requests: [asked("x", 1, "budget-too-small"), answered], reports: [] })).toEqual([]);
  });

  it("has tools whose newest version keeps failing, with what they failed with", () => {
    const reports = [
      ran("mail.send@1.0.0", { succeeded: 1, failed: 4, lastAt: 5 }),
      ran("bank.pay@1.0.0", { failed: 9, lastAt: 5 }),
      ran("bank.pay@1.1.0", { succeeded: 9, lastAt: 6 }),
      ran("once.bad@1.0.0", { failed: 1 }),
    ];
    expect(backlogOf({ requests: [], reports })).toMatchObject([
      {
        ...{ id: "works_mail_send", weight: 4, check: { kind: "tool", tool: "mail.send", succeeds: 0.9 } },
        why: "mail.send@1.0.0 succeeded in 1 of 5 attempts: unavailable 4 times",
      },
    ]);
  });

  it("takes what people wrote as data: names are made of it, and are unlike each other", () => {
    const hostile = ["$(rm -rf /) ${inputs.x}", "日本語", "русский", "x".repeat(9_000)];
    const made = backlogOf({ requests: hostile.map((request, at) => asked(request, at)), reports: [] });
    expect(new Set(made.map(({ id }) => id)).size).toBe(4);
    for (const { id, title } of made) {
      expect(id).toMatch(/^[a-z][A-Za-z0-9_]*$/);
      expect(title.length).toBeLessThan(300);
    }
  });

  it("is the same for the same history, whatever order it comes in", () => {
    const requests = [asked("b", 1), asked("a", 2), asked("c", 3)];
    expect(backlogOf({ requests: requests.toReversed(), reports: [] })).toEqual(backlogOf({ requests, reports: [] }));
  });
});
