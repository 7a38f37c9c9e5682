import { expect } from "vitest";
import { inline } from "#events/payload.ts";
import { SECOND_MS, type Claim } from "../claim.ts";
import { tell } from "../story.ts";

// WCP-23 and 24: signals that are lost where nobody waits for them, and such as are kept.

const transient = (atS: number) => {
  const command = { type: "SendSignal", name: "alarm", payload: inline(null), by: "os:tester", expiresMs: 1 } as const;
  return { command, afterMs: atS * SECOND_MS };
};

const kept = (atS: number) => ({ name: "alarm", afterMs: atS * SECOND_MS });

const durations = { a: 5 * SECOND_MS };

export const TRIGGERS: readonly Claim[] = [
  {
    pattern: 23,
    says: "acts on a trigger while it waits for it, and loses one that comes before",
    holds: async (plan) => {
      const waiting = await tell(plan, { durations, commands: [transient(7)] });
      waiting.inTurn("end a", "start alarm", "end alarm", "start b", "end plan");
      const early = await tell(plan, { durations, commands: [transient(2)] });
      early.inTurn("end a", "start alarm");
      early.never("end alarm", "start b");
      expect(early.run.outcome).toBe("running");
    },
  },
  {
    pattern: 24,
    says: "keeps a trigger until its task is there, for one task only",
    holds: async (plan) => {
      const once = await tell(plan, { durations, signals: [kept(2)] });
      once.inTurn("end a", "start alarm", "end alarm", "start b", "end b", "start again");
      once.never("end again", "start c");
      expect(once.run.outcome).toBe("running");
      const twice = await tell(plan, { durations, signals: [kept(2), kept(3)] });
      twice.inTurn("end a", "end alarm", "start b", "end again", "start c", "end plan");
    },
  },
];
