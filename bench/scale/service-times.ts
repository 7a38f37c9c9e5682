import type { ServiceTimes } from "#src/simulation/labour.ts";

// What a coordinator's thread spends, as measured on a machine with 2 cores (Intel Xeon, Node 24.21) under load; how is in
// src/decisions/0022-scale-on-paper.md. A machine at rest is faster; what counts here is how the parts compare.

export const MEASURED: ServiceTimes = {
  // One side of the 21 to 30 µs that a message over NATS costs both (decision 0021).
  messageMs: 0.013,
  // The client of EventStoreDB 24.2, two facts an append, 50 appends under way.
  appendMs: 0.35,
  // An engine over the store in memory: 95 µs a step of 2.3 facts, executor and views included.
  factMs: 0.04,
  // 23 µs to read an event from EventStoreDB 24.2, 10 µs for all five views, which take it from one reading.
  readMs: 0.033,
};
