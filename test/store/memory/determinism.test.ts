import { describe, expect, it } from "vitest";
import { NO_STREAM } from "#events/envelope.ts";
import type { Clock } from "#src/ports/clock.ts";
import { openMemory } from "#src/store/memory/open.ts";
import { batchOf, collect, streamNamed, valuesIn } from "../../contracts/batches.ts";

const A = streamNamed("plan-0a-first");
const B = streamNamed("plan-0b-second");

/** A clock whose turns a test takes itself. */
class HeldClock implements Clock {
  readonly #callbacks: (() => void)[] = [];

  now(): number {
    return 0;
  }

  monotonic(): number {
    return 0;
  }

  after(): Disposable {
    throw new Error("the in-memory store waits for no time");
  }

  soon(callback: () => void): void {
    this.#callbacks.push(callback);
  }

  turn(): void {
    for (const callback of this.#callbacks.splice(0)) callback();
  }
}

describe("the in-memory store on a held clock", () => {
  it("decides nothing before the clock's next turn, then in the order of the calls", async () => {
    const clock = new HeldClock();
    const store = openMemory({ clock });
    const first = store.events.append(batchOf(A, NO_STREAM, [1]));
    const second = store.events.append(batchOf(B, NO_STREAM, [2]));
    expect(await store.events.head()).toBe(-1);
    clock.turn();
    expect([await first, await second].map(({ position }) => position)).toEqual([0, 1]);
  });

  it("loses, with the process, the append that was not decided, and keeps what was", async () => {
    const clock = new HeldClock();
    const store = openMemory({ clock });
    const batch = batchOf(A, NO_STREAM, [1]);
    const first = store.events.append(batch);
    clock.turn();
    const answer = await first;
    void store.events.append(batchOf(A, 0, [2]));
    const restarted = openMemory({ clock: new HeldClock(), contents: store.contents });
    expect(valuesIn(await collect(restarted.events.read(A)))).toEqual([1]);
    expect(await restarted.events.head()).toBe(answer.position);
  });
});
