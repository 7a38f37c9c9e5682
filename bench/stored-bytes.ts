import type { BenchEngine } from "./bench-engine.ts";

/** Bytes of facts (as JSON) that a step has led to, on average over everything in the store. */
export async function bytesPerStep({ store }: BenchEngine, stepsPerPlan: number): Promise<number> {
  let bytes = 0;
  let plans = 0;
  for await (const { type, data } of store.events.readAll()) {
    bytes += Buffer.byteLength(JSON.stringify(data)) + type.length;
    if (type === "PlanStarted") plans++;
  }
  return Math.round(bytes / (plans * stepsPerPlan));
}
