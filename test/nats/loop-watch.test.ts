import { describe, expect, it } from "vitest";
import { LoopWatch } from "#src/nats/pulse/loop-watch.ts";
import { Process } from "#src/simulation/process.ts";
import { World } from "#src/simulation/world.ts";

const SECOND_MS = 1_000;
const PATIENCE_MS = 30 * SECOND_MS;
/** Silence after which an executor is given up. */
const LEASE_MS = 3 * SECOND_MS;

/** A loop that beats each second until it is told to stand still, and when somebody spoke for it. */
class Loop {
  readonly world = new World(1);
  readonly clock = this.world.clockOf(new Process("thread"));
  readonly spoken: number[] = [];
  isStill = false;
  private beats = 0;
  private readonly watch = new LoopWatch({
    clock: this.clock,
    beats: () => this.beats,
    pulse: () => this.spoken.push(this.clock.monotonic()),
    patienceMs: PATIENCE_MS,
  });

  constructor() {
    this.watch.begin();
  }

  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      if (!this.isStill) this.beats++;
      await this.world.clock.pass(SECOND_MS);
    }
  }

  end(): void {
    this.watch[Symbol.dispose]();
  }
}

describe("a loop that somebody watches", () => {
  it("speaks for itself while it goes", async () => {
    const loop = new Loop();
    await loop.pass(60);
    expect(loop.spoken).toEqual([]);
  });

  it("is spoken for while it stands still, often enough not to be given up", async () => {
    const loop = new Loop();
    await loop.pass(5);
    const stoodAt = loop.clock.monotonic();
    loop.isStill = true;
    await loop.pass(20);
    const moments = [stoodAt - SECOND_MS, ...loop.spoken, loop.clock.monotonic()];
    const silences = moments.slice(1).map((at, index) => at - moments[index]!);
    expect(Math.max(...silences)).toBeLessThan(LEASE_MS);
    loop.isStill = false;
    const before = loop.spoken.length;
    await loop.pass(20);
    expect(loop.spoken).toHaveLength(before);
  });

  it("is spoken for no more when it may be blocked for ever", async () => {
    const loop = new Loop();
    await loop.pass(5);
    loop.isStill = true;
    await loop.pass(120);
    const stood = loop.spoken.at(-1)! - 5 * SECOND_MS;
    expect(stood).toBeGreaterThan(PATIENCE_MS - 2 * SECOND_MS);
    expect(stood).toBeLessThan(PATIENCE_MS);
  });

  it("is spoken for no more when that has ended", async () => {
    const loop = new Loop();
    loop.isStill = true;
    loop.end();
    await loop.pass(20);
    expect(loop.spoken).toEqual([]);
  });
});
