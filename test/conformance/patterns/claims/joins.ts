import { SECOND_MS, type Claim } from "../claim.ts";
import { tell } from "../story.ts";

// WCP-9 and 28 to 33: joins that do not wait for everybody, and what becomes of who comes later.

export const JOINS: readonly Claim[] = [
  {
    pattern: 9,
    says: "goes on at the first arrival; the second starts nothing, and both reset it",
    holds: async (plan) => {
      const durations = { "rounds/0/c": 5 * SECOND_MS, "rounds/1/b": 5 * SECOND_MS };
      const story = await tell(plan, { durations });
      story.inTurn(
        ["start rounds/0/b", "start rounds/0/c"],
        "end rounds/0/b",
        "start rounds/0/d",
        "end rounds/0/d",
        "end rounds/0/c",
        "start rounds/1/a",
        ["start rounds/1/b", "start rounds/1/c"],
        "end rounds/1/c",
        "start rounds/1/d",
        "end rounds/1/b",
        "end plan",
      );
    },
  },
  {
    pattern: 28,
    says: "holds the next round back until every branch of this one has arrived",
    holds: async (plan) => {
      const story = await tell(plan, { durations: { "patients/0/c": 5 * SECOND_MS } });
      story.inTurn(
        "end patients/0/b",
        "start patients/0/d",
        "end patients/0/d",
        "end patients/0/c",
        ["start patients/1/b", "start patients/1/c"],
        "start patients/1/d",
        "end plan",
      );
    },
  },
  {
    pattern: 29,
    says: "goes on at the first arrival, and stops the other branch wherever it is",
    holds: async (plan) => {
      const starts = ["start b", "start c/0/first"] as const;
      const slowC = await tell(plan, { durations: { "c/0/first": 5 * SECOND_MS } });
      slowC.inTurn("end a", starts, "end b", ["withdraw c", "start d", "stop c/0/first"], "end d", "end plan");
      slowC.never("end c/0/first", "start c/0/second");
      const slowB = await tell(plan, { durations: { b: 5 * SECOND_MS } });
      slowB.inTurn("end a", starts, "end c/0/second", ["withdraw b", "start d", "stop b"], "end d", "end plan");
      slowB.never("end b");
    },
  },
  {
    pattern: 30,
    says: "goes on at the second of three arrivals; the third ends and starts nothing",
    holds: async (plan) => {
      const story = await tell(plan, { durations: { b: 8 * SECOND_MS, c: 2 * SECOND_MS } });
      story.inTurn(
        "end a",
        ["start b", "start c", "start d"],
        "end d",
        "end c",
        "start e",
        "end e",
        "end b",
        "end plan",
      );
      story.never("withdraw b", "stop b");
    },
  },
  {
    pattern: 31,
    says: "goes on at the second of three arrivals, and holds the next round back until the third",
    holds: async (plan) => {
      const durations = { "delegations/0/c": 2 * SECOND_MS, "delegations/0/d": 5 * SECOND_MS };
      const story = await tell(plan, { durations });
      story.inTurn(
        "end delegations/0/b",
        "end delegations/0/c",
        "start delegations/0/e",
        "end delegations/0/e",
        "end delegations/0/d",
        ["start delegations/1/b", "start delegations/1/c", "start delegations/1/d"],
        "start delegations/1/e",
        "end plan",
      );
    },
  },
  {
    pattern: 32,
    says: "goes on at the second of three arrivals, and stops the third branch wherever it is",
    holds: async (plan) => {
      const starts = ["start b/0/first", "start c", "start d"] as const;
      const slowB = await tell(plan, { durations: { "b/0/first": 8 * SECOND_MS, c: 2 * SECOND_MS } });
      slowB.inTurn("end a", starts, "end d", "end c", ["withdraw b", "start e", "stop b/0/first"], "end e", "end plan");
      slowB.never("end b/0/first", "start b/0/second");
      const slowC = await tell(plan, { durations: { c: 8 * SECOND_MS } });
      slowC.inTurn(
        "end a",
        starts,
        "end d",
        "end b/0/second",
        ["withdraw c", "start e", "stop c"],
        "end e",
        "end plan",
      );
      slowC.never("end c");
    },
  },
  {
    pattern: 33,
    says: "keeps what a branch sends ahead of the other for the next time",
    holds: async (plan) => {
      const sent = (name: string, atS: number) => ({ name, afterMs: atS * SECOND_MS });
      const signals = [sent("left", 1), sent("left", 2), sent("right", 5), sent("right", 10)];
      const story = await tell(plan, { signals });
      story.inTurn(
        "end sets/0/left",
        "end sets/0/right",
        "start sets/0/assemble",
        "end sets/0/assemble",
        "end sets/1/left",
        "end sets/1/right",
        "start sets/1/assemble",
        "end plan",
      );
      const single = await tell(plan, { signals: signals.slice(0, 3) });
      single.inTurn("start sets/0/assemble", "end sets/1/left");
      single.never("start sets/1/assemble", "end plan");
    },
  },
];
