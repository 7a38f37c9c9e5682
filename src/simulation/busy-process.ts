import { Process } from "#src/simulation/process.ts";
import type { World } from "#src/simulation/world.ts";

// A process whose work takes time, one thing after the other, as one thread does it.
//
// B1. What happens to it while it works waits until it is free, in the order in which it came.
// B2. Nothing says in advance how long it will take: whoever does something for it says so while it is done.

export class BusyProcess extends Process {
  /** What it has worked so far, in virtual ms. */
  workedMs = 0;
  private readonly world: World;
  private readonly waiting: (() => void)[] = [];
  /** In ms since the world began. */
  private freeAt = 0;
  private isCalled = false;

  constructor(name: string, speed: number, world: World) {
    super(name, speed);
    this.world = world;
  }

  /** It works for so long from when it is free, in ms. */
  work(ms: number): void {
    this.workedMs += ms;
    this.freeAt = Math.max(this.freeAt, this.world.elapsed) + ms;
  }

  override run(callback: () => void): void {
    super.run(() => this.takeUp(callback));
  }

  private takeUp(callback: () => void): void {
    if (!this.isCalled && this.freeAt <= this.world.elapsed) {
      callback();
      return;
    }
    this.waiting.push(callback);
    this.callNext();
  }

  private callNext(): void {
    if (this.isCalled || this.waiting.length === 0) return;
    this.isCalled = true;
    this.world.schedule(this.freeAt - this.world.elapsed, () => {
      this.isCalled = false;
      const next = this.waiting.shift();
      if (this.alive) next?.();
      this.callNext();
    });
  }
}
