import { expect } from "vitest";
import { SECOND_MS, type Claim } from "../claim.ts";
import { tell } from "../story.ts";

// WCP-12 to 15, 26 and 27: many instances of one task.

const items = <M extends "start" | "end">(moment: M, step: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${moment} ${step}/${index}/do` as const);

const signal = (name: string, atS: number) => ({ name, afterMs: atS * SECOND_MS });

export const INSTANCES: readonly Claim[] = [
  {
    pattern: 12,
    says: "goes on beside the instances, which run at once, and ends after them",
    holds: async (plan) => {
      const durations = { "notices/0/do": 5 * SECOND_MS, "notices/1/do": 6 * SECOND_MS, "notices/2/do": 7 * SECOND_MS };
      const story = await tell(plan, { durations });
      story.inTurn(
        "end a",
        ["start b", ...items("start", "notices", 3)],
        "end b",
        items("end", "notices", 3),
        "end plan",
      );
    },
  },
  {
    pattern: 13,
    says: "runs as many instances at once as the plan says, and waits for all",
    holds: async (plan) => {
      const story = await tell(plan, { durations: { "signatures/4/do": 9 * SECOND_MS } });
      story.inTurn(items("start", "signatures", 6), items("end", "signatures", 6), "start b");
      story.never("start signatures/6/do");
    },
  },
  {
    pattern: 14,
    says: "runs as many instances at once as a task has found, and waits for all",
    holds: async (plan) => {
      const three = await tell(plan, { outputs: { referees: ["x", "y", "z"] } });
      three.inTurn("end referees", items("start", "reviews", 3), items("end", "reviews", 3), "start b");
      three.never("start reviews/3/do");
      const none = await tell(plan, { outputs: { referees: [] } });
      none.inTurn("end referees", "start b", "end plan");
      none.never("start reviews/0/do");
    },
  },
  {
    pattern: 15,
    says: "begins another instance while others run, until it is over, and waits for those that there are",
    holds: async (plan) => {
      const places = [1, 2, 3, 4, 5, 6];
      const ships = [0, 1, 2, 3].map((place) => `shipments/${place}/ship`);
      const durations = Object.fromEntries(ships.map((ship) => [ship, 9 * SECOND_MS]));
      const asked = [1, 2, 4, 6].map((atS) => signal("one-more", atS));
      const closing = places.map(() => signal("no-more", 8));
      const signals = [...asked, ...closing, signal("one-more", 9)];
      const story = await tell(plan, { inputs: { places }, durations, signals });
      const starts = ships.map((ship) => `start ${ship}` as const);
      const ends = ships.map((ship) => `end ${ship}` as const);
      story.inTurn(...starts, ends, "end shipments", "start assemble");
      story.never("start shipments/4/ship", "start shipments/5/ship");
    },
  },
  {
    pattern: 26,
    says: "stops the instances that run, begins no other, and leaves those that have ended",
    holds: async (plan) => {
      const durations = { "searches/1/do": 5 * SECOND_MS, "searches/2/do": 5 * SECOND_MS };
      const stopped = await tell(plan, { durations, signals: [signal("stop", 2)] });
      stopped.inTurn(
        ["start searches/0/do", "start searches/1/do"],
        "end searches/0/do",
        "end stop",
        "withdraw searches",
        ["stop searches/1/do", "stop searches/2/do", "skip b"],
        "end plan",
      );
      stopped.never("start searches/3/do", "start b", "end searches/1/do", "stop searches/0/do");
      expect(stopped.calls.map((call) => call.signal.aborted)).toEqual([false, true, true]);
      const whole = await tell(plan, { durations });
      whole.inTurn(items("end", "searches", 4), "end searches", "withdraw stop", "start b", "end plan");
    },
  },
  {
    pattern: 27,
    says: "goes on when some instances have ended and somebody says that it is enough; the others stop",
    holds: async (plan) => {
      const durations = { "searches/1/do": 5 * SECOND_MS, "searches/2/do": 5 * SECOND_MS };
      const story = await tell(plan, { durations, signals: [signal("enough", 2)] });
      story.inTurn("end searches/0/do", "end enough", "withdraw searches", "start b", "end b", "end plan");
      story.inTurn("end searches/0/do", ["stop searches/1/do", "stop searches/2/do"], "end plan");
      story.never("start searches/3/do", "end searches/1/do", "end searches/2/do");
      const whole = await tell(plan, { durations });
      whole.inTurn(items("end", "searches", 4), "start b", "end plan");
    },
  },
];
