import { SECOND_MS, type Claim } from "../claim.ts";
import { tell } from "../story.ts";

// WCP-1 to 8 and 37: how control splits into branches and comes together again.

export const BRANCHING: readonly Claim[] = [
  {
    pattern: 1,
    says: "starts a task when the one before has ended",
    holds: async (plan) => {
      const story = await tell(plan);
      story.inTurn("start a", "end a", "start b", "end b", "start c", "end c", "end plan");
    },
  },
  {
    pattern: 2,
    says: "has both branches under way at once",
    holds: async (plan) => {
      const story = await tell(plan);
      story.inTurn("end a", ["start b", "start c"], ["end b", "end c"]);
    },
  },
  {
    pattern: 3,
    says: "waits for the slowest branch, whichever it is",
    holds: async (plan) => {
      const slowC = await tell(plan, { durations: { c: 5 * SECOND_MS } });
      slowC.inTurn("end a", ["start b", "start c"], "end b", "end c", "start d");
      const slowB = await tell(plan, { durations: { b: 5 * SECOND_MS } });
      slowB.inTurn("end a", ["start b", "start c"], "end c", "end b", "start d");
    },
  },
  {
    pattern: 4,
    says: "takes one branch, decided after the task before, and never the other",
    holds: async (plan) => {
      const large = await tell(plan, { inputs: { amount: 2_000 } });
      large.inTurn("end a", "end chosen", "start b", "end plan");
      large.never("start c");
      const small = await tell(plan, { inputs: { amount: 10 } });
      small.inTurn("end a", "end chosen", "start c", "end plan");
      small.never("start b");
    },
  },
  {
    pattern: 5,
    says: "goes on once after the branch that was taken, without the other",
    holds: async (plan) => {
      const urgent = await tell(plan, { inputs: { urgent: true } });
      urgent.inTurn("start b", "end b", "start d", "end plan");
      urgent.never("start c");
      const usual = await tell(plan, { inputs: { urgent: false } });
      usual.inTurn("start c", "end c", "start d", "end plan");
      usual.never("start b");
    },
  },
  {
    pattern: 6,
    says: "takes the branches that were chosen, at once, and no other",
    holds: async (plan) => {
      const two = await tell(plan, { inputs: { wanted: ["b", "d"] } });
      two.inTurn("end a", ["start b", "start d"], ["end b", "end d"]);
      two.never("start c");
      const none = await tell(plan, { inputs: { wanted: [] } });
      none.inTurn("end a", ["skip b", "skip c", "skip d"], "end plan");
      none.never("start b", "start c", "start d");
    },
  },
  {
    pattern: 7,
    says: "waits for every branch that was chosen, and for no other",
    holds: async (plan) => {
      const both = await tell(plan, { inputs: { wanted: ["b", "c"] }, durations: { "c/0/do": 5 * SECOND_MS } });
      both.inTurn("end a", ["start b/0/do", "start c/0/do"], "end b/0/do", "end c/0/do", "start d");
      const one = await tell(plan, { inputs: { wanted: ["c"] } });
      one.inTurn("end a", "start c/0/do", "end c/0/do", "start d", "end plan");
      one.never("start b/0/do");
      const none = await tell(plan, { inputs: { wanted: [] } });
      none.inTurn("end a", "start d", "end plan");
      none.never("start b/0/do", "start c/0/do");
    },
  },
  {
    pattern: 8,
    says: "goes on after each branch by itself, without waiting for the other",
    holds: async (plan) => {
      const story = await tell(plan, { durations: { "branches/1/c": 5 * SECOND_MS } });
      story.inTurn(
        "end a",
        ["start branches/0/b", "start branches/1/c"],
        "end branches/0/b",
        "start branches/0/d",
        "end branches/0/d",
        "end branches/1/c",
        "start branches/1/d",
        "end branches/1/d",
      );
      story.never("start branches/0/c", "start branches/1/b");
    },
  },
  {
    pattern: 37,
    says: "waits at each merge for what can still arrive there, however the branches are woven",
    holds: async (plan) => {
      const both = await tell(plan, { inputs: { wanted: ["b", "c"] }, durations: { "c/0/do": 5 * SECOND_MS } });
      both.inTurn("end a", ["start b/0/do", "start c/0/do"], "end b/0/do", "start d/0/do", "end d/0/do", "end c/0/do");
      both.inTurn("end c/0/do", "start e/0/do", "end e/0/do", "start f");
      const onlyB = await tell(plan, { inputs: { wanted: ["b"] } });
      onlyB.inTurn("end b/0/do", ["start d/0/do", "start e/0/do"], ["end d/0/do", "end e/0/do"], "start f");
      onlyB.never("start c/0/do");
      const onlyC = await tell(plan, { inputs: { wanted: ["c"] } });
      onlyC.inTurn("end c/0/do", "start e/0/do", "end e/0/do", "start f");
      onlyC.never("start b/0/do", "start d/0/do");
      const none = await tell(plan, { inputs: { wanted: [] } });
      none.inTurn("end a", "start f", "end plan");
      none.never("start d/0/do", "start e/0/do");
    },
  },
];
