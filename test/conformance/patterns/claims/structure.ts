import { expect } from "vitest";
import { SECOND_MS, type Claim } from "../claim.ts";
import { tell } from "../story.ts";

// WCP-10, 11, 21, 41 to 43: cycles, threads, and how a case ends.

export const STRUCTURE: readonly Claim[] = [
  {
    pattern: 10,
    says: "enters a cycle at any of its tasks, goes round as they say, and leaves it at any",
    holds: async (plan) => {
      const first = { "cycle/0/c": "b", "cycle/1/b": "d", "cycle/2/d": "c", "cycle/3/c": "end" };
      const fromC = await tell(plan, { inputs: { entry: "c" }, outputs: first });
      fromC.inTurn(
        "start cycle/0/c",
        "end cycle/0/c",
        "start cycle/1/b",
        "end cycle/1/b",
        "start cycle/2/d",
        "end cycle/2/d",
      );
      fromC.inTurn("end cycle/2/d", "start cycle/3/c", "end cycle/3/c", "end plan");
      fromC.never("start cycle/0/b", "start cycle/1/c", "start cycle/4/b", "start cycle/4/c", "start cycle/4/d");
      const second = { "cycle/0/b": "d", "cycle/1/d": "end" };
      const fromB = await tell(plan, { inputs: { entry: "b" }, outputs: second });
      fromB.inTurn("start cycle/0/b", "end cycle/0/b", "start cycle/1/d", "end cycle/1/d", "end plan");
      expect(fromB.calls.map(({ step }) => step)).toEqual(["cycle/0/b", "cycle/1/d"]);
    },
  },
  {
    pattern: 11,
    says: "ends the case when the last branch has, whichever it is",
    holds: async (plan) => {
      const slowC = await tell(plan, { durations: { c: 5 * SECOND_MS } });
      slowC.inTurn("end a", ["start b", "start c"], "end b", "end c", "end plan");
      const slowB = await tell(plan, { durations: { b: 5 * SECOND_MS } });
      slowB.inTurn("end a", ["start b", "start c"], "end c", "end b", "end plan");
    },
  },
  {
    pattern: 21,
    says: "repeats until the test after a round holds, and not at all where the test before does not",
    holds: async (plan) => {
      const outputs = { "repeated/1/do": "done", "while_wanted/2/do": "done" };
      const wanted = await tell(plan, { inputs: { wanted: true }, outputs });
      wanted.inTurn("end repeated/0/do", "start repeated/1/do", "end repeated/1/do", "end repeated");
      wanted.inTurn(
        "end while_wanted/0/do",
        "start while_wanted/1/do",
        "end while_wanted/1/do",
        "start while_wanted/2/do",
      );
      wanted.never("start repeated/2/do", "start while_wanted/3/do");
      const unwanted = await tell(plan, { inputs: { wanted: false }, outputs });
      unwanted.inTurn("end repeated", "skip while_wanted", "end plan");
      unwanted.never("start while_wanted/0/do");
    },
  },
  {
    pattern: 41,
    says: "makes one thread of two, and one of all",
    holds: async (plan) => {
      const story = await tell(plan, { durations: { "pairs/1/threads/1/do": 5 * SECOND_MS } });
      story.inTurn(
        ["end pairs/0/threads/0/do", "end pairs/0/threads/1/do"],
        "start pairs/0/b",
        "end pairs/0/b",
        "end pairs/1/threads/1/do",
        "start pairs/1/b",
        "end pairs/1/b",
        "start c",
        "end plan",
      );
    },
  },
  {
    pattern: 42,
    says: "lets each thread go down the branch by itself",
    holds: async (plan) => {
      const story = await tell(plan, { durations: { "threads/1/b": 5 * SECOND_MS, "threads/2/b": 8 * SECOND_MS } });
      story.inTurn(
        "end a",
        ["start threads/0/b", "start threads/1/b", "start threads/2/b"],
        "end threads/0/b",
        "start threads/0/c",
        "end threads/0/c",
        "end threads/1/b",
        "start threads/1/c",
        "end threads/1/c",
        "end threads/2/b",
        "start threads/2/c",
      );
    },
  },
  {
    pattern: 43,
    says: "ends the case as a success when the goal is reached, and stops what is left",
    holds: async (plan) => {
      const early = await tell(plan, { durations: { goal: 3 * SECOND_MS, "work/0/b": 10 * SECOND_MS } });
      early.inTurn("start work/0/b", "end goal", ["withdraw work", "stop work/0/b"], "end plan");
      early.never("end work/0/b", "start work/0/c");
      const late = await tell(plan, { durations: { goal: 10 * SECOND_MS } });
      late.inTurn("end work/0/b", "end work/0/c", "end goal", "end plan");
    },
  },
];
