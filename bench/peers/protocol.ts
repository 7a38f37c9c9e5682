import { z } from "zod";

// What the driver and a peer's worker process say to each other, over the channel that Node opens between a process and its
// child. One protocol for every peer: what is measured is the engine, never the way it was asked.
//
// W1. A worker says `ready` once its engine is open, and answers each order with one message.
// W2. Every step of every workflow goes through one function of the worker (worker.ts), which counts and times it.

export const STEPS_PER_WORKFLOW = 10;
/** Workflows at once that an engine has to be configured for. */
export const MOST_IN_FLIGHT = 50;
/** How long a step of an interrupted workflow takes. */
export const SLOW_STEP_MS = 200;

const SLOW = "slow-";

/** The name of a workflow whose steps are slow and write themselves into the ledger. */
export function slowWorkflow(number: number): string {
  return `${SLOW}${number}`;
}

export function isSlow(workflow: string): boolean {
  return workflow.startsWith(SLOW);
}

export const setting = z.strictObject({
  /** The folder for what the engine keeps, where it has no server. */
  folder: z.string(),
  /** Where the peer's server is; empty where it has none. */
  address: z.string(),
  /** A free port of this machine that stays the same when the worker is started again. */
  port: z.int(),
  /** The file that slow steps write themselves into. */
  ledger: z.string(),
});
export type Setting = z.infer<typeof setting>;

export const order = z.discriminatedUnion("do", [
  /** Run workflows for so long, so many at once. */
  z.strictObject({ do: z.literal("load"), inFlight: z.int(), seconds: z.number() }),
  /** Begin one workflow of slow steps. */
  z.strictObject({ do: z.literal("begin"), workflow: z.string() }),
  /** Go on with that workflow, which an earlier process began. */
  z.strictObject({ do: z.literal("go on"), workflow: z.string() }),
  z.strictObject({ do: z.literal("close") }),
]);
export type Order = z.infer<typeof order>;

const loaded = z.strictObject({
  workflowsPerS: z.number(),
  stepsPerS: z.number(),
  /** From the beginning of a step to that of the next one of the same workflow; NaN travels as null where none was seen. */
  stepMsP50: z.number().nullable(),
  stepMsP99: z.number().nullable(),
  /** Steps begun over all, also after the time was up, and how often one began that had begun before. */
  steps: z.int(),
  repeated: z.int(),
});
export type Loaded = z.infer<typeof loaded>;

export const answer = z.discriminatedUnion("said", [
  z.strictObject({ said: z.literal("ready") }),
  z.strictObject({ said: z.literal("loaded"), figures: loaded }),
  z.strictObject({ said: z.literal("done") }),
  z.strictObject({ said: z.literal("failed"), reason: z.string() }),
]);
export type Answer = z.infer<typeof answer>;
