import { quantile } from "../quantile.ts";
import { STEPS_PER_WORKFLOW, type Loaded } from "./protocol.ts";

// A stretch of load inside the worker: so many runners, each starting the next workflow when its last one has ended.
//
// L1. Counted is what begins or ends before the time is up; what is in flight then runs to its end, uncounted.
// L2. A step's time is that from its beginning to the beginning of the next step of the same workflow: work, record, and
//     whatever lies between.

export class Load {
  readonly #gaps: number[] = [];
  readonly #latest = new Map<string, { index: number; at: number }>();
  readonly #deadline: number;
  readonly #seconds: number;
  #begun = 0;
  #begunInTime = 0;
  #endedInTime = 0;
  #repeated = 0;

  constructor(seconds: number) {
    this.#seconds = seconds;
    this.#deadline = performance.now() + seconds * 1000;
  }

  /** Runs `inFlight` workflows at once until the time is up; `run` resolves when its workflow has ended. */
  async through(inFlight: number, run: (workflow: string) => Promise<void>): Promise<Loaded> {
    const stretch = `${process.pid}-${process.hrtime.bigint()}`;
    let next = 0;
    const runner = async (): Promise<void> => {
      while (performance.now() < this.#deadline) {
        const workflow = `w${stretch}-${next++}`;
        await run(workflow);
        this.#latest.delete(workflow);
        if (performance.now() <= this.#deadline) this.#endedInTime++;
      }
    };
    await Promise.all(Array.from({ length: inFlight }, runner));
    return this.#figures();
  }

  /** Told by every step as it begins. */
  began(workflow: string, index: number): void {
    const at = performance.now();
    const before = this.#latest.get(workflow);
    this.#begun++;
    if (before !== undefined && index <= before.index) this.#repeated++;
    if (at <= this.#deadline) {
      this.#begunInTime++;
      if (before?.index === index - 1) this.#gaps.push(at - before.at);
    }
    if (index < STEPS_PER_WORKFLOW - 1) this.#latest.set(workflow, { index, at });
  }

  #figures(): Loaded {
    const sorted = Float64Array.from(this.#gaps).sort();
    return {
      workflowsPerS: this.#endedInTime / this.#seconds,
      stepsPerS: this.#begunInTime / this.#seconds,
      stepMsP50: quantile(sorted, 0.5),
      stepMsP99: quantile(sorted, 0.99),
      steps: this.#begun,
      repeated: this.#repeated,
    };
  }
}
