import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DueHeap, type Due } from "#machines/due-heap.ts";

const due = (dueAt: number, step = 0): Due => ({ dueAt, step, kind: "wait", attempt: 0 });

/** A push of a due time, or the death of the n-th living entry. */
const script = fc.array(fc.oneof(fc.record({ push: fc.nat({ max: 50 }) }), fc.record({ kill: fc.nat({ max: 200 }) })), {
  maxLength: 400,
});

describe("the heap of due times", () => {
  it("shows nothing while it is empty", () => {
    expect(new DueHeap(() => true).peek()).toBeUndefined();
  });

  it("leaves the entry that it shows in place", () => {
    const heap = new DueHeap(() => true);
    heap.push(due(7));
    expect(heap.peek()).toEqual(due(7));
    expect(heap.peek()).toEqual(due(7));
  });

  it("shows after every change what a sorted list of the living would", () => {
    fc.assert(
      fc.property(script, (moves) => {
        const living = new Map<number, Due>();
        const heap = new DueHeap(({ step }) => living.has(step));
        moves.forEach((move, step) => {
          if ("push" in move) {
            living.set(step, due(move.push, step));
            heap.push(due(move.push, step));
          } else living.delete([...living.keys()][move.kill % Math.max(1, living.size)] ?? -1);
          const earliest = Math.min(...[...living.values()].map(({ dueAt }) => dueAt));
          expect(heap.peek()?.dueAt ?? Infinity).toBe(earliest);
        });
      }),
    );
  });

  it("forgets the dead although it never shows them", () => {
    let asked = 0;
    const heap = new DueHeap(({ step }) => {
      asked++;
      return step === 0;
    });
    heap.push(due(0, 0));
    for (let step = 1; step <= 10_000; step++) heap.push(due(step, step));
    expect(heap.peek()).toEqual(due(0, 0));
    expect(asked).toBeLessThan(3 * 10_000);
  });
});
