import process from "node:process";

// Loaded before a program (`node --import`): the clock of a machine that is set wrong. What Date says is off by so many ms; the
// monotonic clock and timers go as they do. A stand-in for such a machine, which nobody can make out of a process otherwise.

const skewMs = Number(process.env["PLANWRIGHT_TEST_CLOCK_SKEW_MS"] ?? "0");
const True = Date;

class SkewedDate extends True {
  constructor(...given: readonly unknown[]) {
    if (given.length === 0) super(True.now() + skewMs);
    else super(...(given as [number]));
  }

  static override now(): number {
    return True.now() + skewMs;
  }
}

globalThis.Date = SkewedDate as DateConstructor;
