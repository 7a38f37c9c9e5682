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

  it("shows the living one after the other in the order of their times, however many died between them", () => {
    const moments = fc.array(fc.nat({ max: 10_000 }), { minLength: 70, maxLength: 140 });
    fc.assert(
      fc.property(moments, fc.nat({ max: 6 }), (times, spared) => {
        const living = new Set(times.keys());
        const heap = new DueHeap(({ step }) => living.has(step));
        times.forEach((dueAt, step) => {
          heap.push(due(dueAt, step));
          if (step % 7 > spared) living.delete(step);
        });
        const expected = times.filter((_, step) => living.has(step)).sort((a, b) => a - b);
        expect(heap.living().map(({ dueAt }) => dueAt)).toEqual(expected);
        const shown: number[] = [];
        for (let top = heap.peek(); top !== undefined; top = heap.peek()) {
          shown.push(top.dueAt);
          living.delete(top.step);
        }
        expect(shown).toEqual(expected);
      }),
    );
  });

  it("lists the living by time, and those of one moment by their step", () => {
    const heap = new DueHeap(({ step }) => step !== 3);
    for (const [dueAt, step] of [
      [9, 1],
      [5, 4],
      [5, 2],
      [1, 3],
      [7, 0],
    ] as const)
      heap.push(due(dueAt, step));
    expect(heap.living().map(({ dueAt, step }) => [dueAt, step])).toEqual([
      [5, 2],
      [5, 4],
      [7, 0],
      [9, 1],
    ]);
  });
});

describe("what the heap costs", () => {
  /** Pushes so many, and counts how often it is asked whether an entry lives, while pushing and by a list afterwards. */
  function asksOf(pushes: number, isLive: (step: number) => boolean) {
    let asked = 0;
    const heap = new DueHeap(({ step }) => {
      asked++;
      return isLive(step);
    });
    let most = 0;
    for (let step = 0; step < pushes; step++) {
      heap.push(due(step, step));
      if (step % 50 !== 14) continue;
      const before = asked;
      heap.living();
      most = Math.max(most, asked - before);
      asked = before;
    }
    return { heap, pushing: asked, listing: most };
  }

  it("forgets the dead although it never shows them", () => {
    const { heap, pushing, listing } = asksOf(500, (step) => step === 0);
    expect(heap.peek()).toEqual(due(0, 0));
    expect(pushing).toBeLessThan(3 * 500);
    expect(listing).toBeLessThanOrEqual(64);
  });

  it("asks about many that live seldom enough that each push is cheap", () => {
    expect(asksOf(500, () => true).pushing).toBeLessThan(3 * 500);
  });
});
