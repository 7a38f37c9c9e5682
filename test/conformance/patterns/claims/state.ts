import { SECOND_MS, type Claim } from "../claim.ts";
import { tell } from "../story.ts";

// WCP-16 to 18 and 40: what may begin depends on where the case stands.

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

export const STATE: readonly Claim[] = [
  {
    pattern: 16,
    says: "takes the branch of the event that comes first; the other event finds nobody",
    holds: async (plan) => {
      const called = await tell(plan, { signals: [{ name: "called", afterMs: DAY_MS }] });
      called.inTurn("end called", "withdraw late", "end chosen", "start b", "end plan");
      called.never("start c", "end late");
      const late = await tell(plan, {
        durations: { c: 2 * MINUTE_MS },
        signals: [{ name: "called", afterMs: 2 * DAY_MS + MINUTE_MS }],
      });
      late.inTurn("end late", "withdraw called", "end chosen", "start c", "end plan");
      late.never("start b", "end called");
    },
  },
  {
    pattern: 17,
    says: "runs one task at a time, in an order that the needs allow",
    holds: async (plan) => {
      const story = await tell(plan, { inputs: { order: "7" }, durations: { invoice: 3 * SECOND_MS } });
      story.alone("pick", "pack", "invoice");
      story.inTurn("end pick", "start pack", "start dispatch");
      story.inTurn(["end pack", "end invoice"], "start dispatch");
    },
  },
  {
    pattern: 18,
    says: "lets the task begin after the milestone and before its end, not before and never after",
    holds: async (plan) => {
      const durations = { term: 3 * SECOND_MS, teach: 5 * SECOND_MS };
      const applying = (atS: number) =>
        tell(plan, { durations, signals: [{ name: "application", afterMs: atS * SECOND_MS }] });
      const inTime = await applying(2);
      inTime.inTurn(
        "end open_enrolment",
        "end application",
        "start enrol",
        "end close_enrolment",
        "start teach",
        "end plan",
      );
      inTime.inTurn("end open_enrolment", "start term", "end term", "start close_enrolment");
      inTime.never("withdraw close_enrolment");
      const early = await applying(0.5);
      early.inTurn("start open_enrolment", "end open_enrolment", "start enrol", "end close_enrolment");
      const late = await applying(7);
      late.inTurn("end close_enrolment", ["withdraw application", "start teach", "skip enrol"], "end plan");
      late.never("start enrol", "end application");
    },
  },
  {
    pattern: 40,
    says: "runs each task once, one at a time, in any order, and then goes on",
    holds: async (plan) => {
      const story = await tell(plan, { inputs: { sample: "s" }, durations: { measure: 4 * SECOND_MS } });
      story.alone("weigh", "measure", "photograph");
      story.inTurn(["end weigh", "end measure", "end photograph"], "start store");
    },
  },
];
