import { describe, expect, it } from "vitest";
import type { Json } from "#events/json.ts";
import { Answer } from "#src/nats/call-answer.ts";
import { Asking } from "#src/nats/call-asking.ts";
import type { CallFrame } from "#src/nats/call-messages.ts";
import { WINDOW } from "#src/ports/calls.ts";
import { SeededRandom } from "#src/testing/seeded-random.ts";
import { VirtualClock } from "#src/testing/virtual-clock.ts";

// The two sides of a call, joined by a line that loses, repeats and holds back what the test says.

const MAX_PAYLOAD_BYTES = 1024 * 1024;
const WITHIN = { withinMs: 3_600_000 };
const CALL = "00000000-0000-4000-8000-000000000000";

class Line {
  readonly clock = new VirtualClock();
  readonly ending = new AbortController();
  readonly asking = new Asking({ clock: this.clock, signal: this.ending.signal });
  readonly answer: Answer;
  /** Whether a frame, by its count, comes through; and how often. */
  copies: (count: number) => number = () => 1;
  isBack = true;
  private count = 0;

  constructor() {
    this.answer = new Answer({
      clock: this.clock,
      maxPayloadBytes: () => MAX_PAYLOAD_BYTES,
      onDefect: () => undefined,
      send: (frame) => this.carry(frame),
    });
  }

  values(): AsyncGenerator<Json> {
    return this.asking.values((said) => {
      if (this.isBack) this.answer.hear({ ...said, call: CALL });
    });
  }

  private carry(frame: CallFrame): void {
    const copies = this.copies(this.count++);
    // Never within the sender's own call, as over a network.
    for (let copy = 0; copy < copies; copy++) void Promise.resolve().then(() => this.asking.put(frame, "control"));
  }
}

/** Frames that come through, by chance that is the same each time. */
function losing(share: number): () => number {
  const random = new SeededRandom(7);
  return () => (random.next() < share ? 0 : 1);
}

async function* numbers(count: number) {
  for (let value = 0; value < count; value++) yield value;
}

async function all(values: AsyncIterable<Json>): Promise<Json[]> {
  const taken: Json[] = [];
  for await (const value of values) taken.push(value);
  return taken;
}

describe("a call that nobody says was heard", () => {
  const asked = (
    isRepeatable: boolean,
  ): { readonly line: VirtualClock; times: number; readonly answer: Promise<Json[]> } => {
    const clock = new VirtualClock();
    const seen = { line: clock, times: 0, answer: Promise.resolve<Json[]>([]) };
    const repeat = (): void => {
      seen.times++;
      // The third that it is handed to is there.
      if (seen.times !== 2) return;
      void Promise.resolve().then(() => asking.put({ kind: "value", n: 1, value: "heard" }, "third"));
      void Promise.resolve().then(() => asking.put({ kind: "end", n: 2 }, "third"));
    };
    const asking = new Asking({ clock, signal: new AbortController().signal, ...(isRepeatable ? { repeat } : {}) });
    seen.answer = all(asking.values(() => undefined));
    return seen;
  };

  it("is asked again each second, of whoever is there", async () => {
    const seen = asked(true);
    expect(await seen.line.answer(seen.answer, WITHIN)).toEqual(["heard"]);
    expect(seen.line.monotonic()).toBeLessThanOrEqual(2_100);
    expect(seen.times).toBe(2);
    await seen.line.pass(10_000);
    expect(seen.times).toBe(2);
  });

  it("is asked once, where two may not hear it", async () => {
    const seen = asked(false);
    await expect(seen.line.answer(seen.answer, WITHIN)).rejects.toMatchObject({ code: "unreachable" });
    expect(seen.times).toBe(0);
  });
});

describe("a call over a line that loses", () => {
  it.each([
    ["a tenth of all frames", losing(0.1)],
    ["a quarter of all frames", losing(0.25)],
    ["a run of frames", (count: number) => (count > 5 && count < WINDOW - 4 ? 0 : 1)],
    ["nothing, but brings some twice", (count: number) => (count % 3 === 0 ? 2 : 1)],
  ])("brings every value once and in order: %s", async (_, copies) => {
    const line = new Line();
    line.copies = copies;
    void line.answer.send(numbers(200));
    expect(await line.clock.answer(all(line.values()), WITHIN)).toEqual([...Array(200).keys()]);
  });

  it("brings a fault that was lost", async () => {
    const line = new Line();
    line.copies = (count) => (count === 2 ? 0 : 1);
    void line.answer.send(
      (async function* (): AsyncGenerator<Json> {
        yield 1;
        throw new TypeError("a defect");
      })(),
    );
    await expect(line.clock.answer(all(line.values()), WITHIN)).rejects.toMatchObject({ code: "defect" });
  });

  it("is unreachable when who answers is silent for five seconds", async () => {
    const line = new Line();
    line.copies = (count) => (count < 3 ? 1 : 0);
    void line.answer.send(numbers(200));
    await expect(line.clock.answer(all(line.values()), WITHIN)).rejects.toMatchObject({
      code: "unreachable",
      retryable: true,
    });
  });

  it("ends the answering when the caller is silent for ten seconds", async () => {
    const line = new Line();
    const stopped = Promise.withResolvers<unknown>();
    line.answer.signal.addEventListener("abort", () => stopped.resolve(line.answer.signal.reason));
    const reader = line.values();
    const sent = line.answer.send(numbers(1_000));
    await reader.next();
    line.isBack = false;
    const before = line.clock.monotonic();
    expect(await line.clock.answer(stopped.promise, WITHIN)).toMatchObject({ code: "stopping" });
    expect(line.clock.monotonic() - before).toBeLessThanOrEqual(12_000);
    await sent;
  });

  it("keeps at most a window for a caller that is there and takes nothing, also when it asks again", async () => {
    const line = new Line();
    let made = 0;
    void line.answer.send(
      (async function* (): AsyncGenerator<Json> {
        for (;;) yield made++;
      })(),
    );
    const reader = line.values();
    await reader.next();
    for (let second = 0; second < 30; second++) {
      line.asking.askAgain();
      await line.clock.pass(1_000);
    }
    expect(made).toBeLessThanOrEqual(WINDOW + 2);
    await reader.return(undefined);
    expect(line.answer.signal.aborted).toBe(true);
  });
});
