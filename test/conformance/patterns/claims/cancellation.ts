import { expect } from "vitest";
import { SECOND_MS, type Claim } from "../claim.ts";
import { tell } from "../story.ts";

// WCP-19, 20 and 25: a task, a case, a region that is not wanted any more.

const signal = (name: string, atS: number) => ({ name, afterMs: atS * SECOND_MS });

export const CANCELLATION: readonly Claim[] = [
  {
    pattern: 19,
    says: "stops a task that runs, begins none that was waiting, and goes on",
    holds: async (plan) => {
      const slow = { b: 10 * SECOND_MS };
      const running = await tell(plan, { durations: slow, signals: [signal("stop-b", 3)] });
      running.inTurn("end a", "start b", "end stop", ["withdraw b", "stop b", "start c"], "end plan");
      running.never("end b");
      expect(running.calls.find(({ step }) => step === "b")?.signal.aborted).toBe(true);
      const enabled = await tell(plan, { durations: { a: 5 * SECOND_MS }, signals: [signal("stop-b", 2)] });
      enabled.inTurn("end stop", ["withdraw b", "start c"], "end plan");
      enabled.never("start b");
      const untouched = await tell(plan, { durations: slow });
      untouched.inTurn("end b", ["withdraw stop", "start c"], "end plan");
    },
  },
  {
    pattern: 20,
    says: "stops all that runs, and begins nothing more",
    holds: async (plan) => {
      const commands = [{ command: { type: "CancelPlan" }, afterMs: 2 * SECOND_MS }] as const;
      const durations = { b: 5 * SECOND_MS, c: 6 * SECOND_MS };
      const story = await tell(plan, { durations, commands });
      story.inTurn("end a", ["start b", "start c"], ["stop b", "stop c"]);
      story.never("end b", "end c", "start d", "end plan");
      expect(story.run).toMatchObject({ outcome: "cancelled", elapsedMs: 2 * SECOND_MS });
    },
  },
  {
    pattern: 25,
    says: "stops what runs inside the region and begins nothing more there; outside it goes on",
    holds: async (plan) => {
      const durations = { "region/0/b": 5 * SECOND_MS, "region/0/c": 5 * SECOND_MS, outside: 8 * SECOND_MS };
      const story = await tell(plan, { durations, signals: [signal("stop", 3)] });
      story.inTurn(
        "end region/0/a",
        "start region/0/b",
        "end stop",
        "withdraw region",
        ["stop region/0/b", "stop region/0/c", "start e"],
        "end outside",
        "end plan",
      );
      story.never("start region/0/d", "end region/0/b", "end region/0/c", "withdraw outside");
    },
  },
];
