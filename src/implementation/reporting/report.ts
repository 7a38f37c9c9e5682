import { z } from "zod";

// What a report says of a plan, as a document: the same for every rendering, and all that one needs. Times are in ms since the epoch,
// durations in ms.

const count = z.int().min(0);
const at = z.number();
const ms = z.number();
const quantiles = z.object({ p50: ms, p90: ms });

/** What a slip is made of. Negative: it was quicker than planned there. */
const slipCause = z.object({
  kind: z.enum(["dependency", "approval", "signal", "timer", "slot", "attempt", "retry", "work", "unknown"]),
  ms,
  text: z.string().describe("in words: which attempt failed, what was waited for"),
  step: z.string().exactOptional().describe("the step that it came from"),
});
export type SlipCause = z.output<typeof slipCause>;

const slip = z.object({
  ms: ms.describe("end against planned end; the causes add up to it"),
  isProjected: z.boolean().describe("it has not ended: against when it will at the earliest"),
  causes: z.array(slipCause).readonly(),
});
export type Slip = z.output<typeof slip>;

const planned = { plannedStartAt: at, plannedEndAt: at };

const stepReport = z.object({
  step: z.string(),
  kind: z.string(),
  state: z.string(),
  title: z.string().exactOptional(),
  tool: z.string().exactOptional(),
  attempts: count,
  ...planned,
  startAt: at.exactOptional(),
  endAt: at.exactOptional(),
  expectedEndAt: at.exactOptional().describe("of one that has not ended, at the earliest"),
  needs: z.array(z.string()).readonly(),
  isCritical: z.boolean().describe("it decides when the plan ends"),
  isTakenBack: z.boolean(),
  error: z.string().exactOptional(),
});
export type StepReport = z.output<typeof stepReport>;

const fileReport = z.object({
  path: z.string(),
  change: z.enum(["added", "changed", "deleted"]),
  before: z.string().exactOptional().describe("git's hash of the bytes"),
  after: z.string().exactOptional(),
});
export type FileReport = z.output<typeof fileReport>;

const acceptance = z.object({ verdict: z.string(), evidence: z.array(z.string()).readonly() });

const CHANGE_STATES = [
  "done",
  "merging",
  "making",
  "waiting",
  "failed",
  "skipped",
  "cancelled",
  "blocked",
  "taken back",
] as const;

const changeReport = z.object({
  id: z.string(),
  title: z.string(),
  gap: z.string(),
  remedy: z.string(),
  weight: z.number(),
  risk: z.string(),
  difficulty: count,
  state: z.enum(CHANGE_STATES),
  steps: z.array(z.string()).readonly(),
  estimate: z.object({ optimisticMs: ms, likelyMs: ms, pessimisticMs: ms, p50Ms: ms, p90Ms: ms }),
  outside: z.string().exactOptional().describe("what finished changes like it say, where there are some"),
  ...planned,
  startAt: at.exactOptional(),
  endAt: at.exactOptional(),
  expectedEndAt: at.exactOptional(),
  workedMs: ms.describe("of all its attempts together"),
  attempts: count,
  slip: slip.exactOptional(),
  files: z.array(fileReport).readonly(),
  commit: z.string().exactOptional(),
  patchBytes: count.exactOptional(),
  acceptance: acceptance.exactOptional(),
  error: z.string().exactOptional(),
  isCritical: z.boolean(),
});
export type ChangeReport = z.output<typeof changeReport>;

const link = z.object({ step: z.string(), text: z.string() });
const chain = z.object({
  step: z.string(),
  links: z.array(link).readonly().describe("each waits for the next; the last says why it does"),
  text: z.string(),
});
export type Chain = z.output<typeof chain>;

const approval = z.object({
  step: z.string(),
  state: z.string(),
  role: z.string().exactOptional(),
  askedAt: at.exactOptional(),
  decidedAt: at.exactOptional(),
  by: z.array(z.string()).readonly(),
  note: z.string().exactOptional(),
  hash: z.string().exactOptional(),
  covers: z.array(z.string()).readonly(),
  error: z.string().exactOptional(),
});
export type ApprovalReport = z.output<typeof approval>;

const takenBack = z.object({
  step: z.string(),
  state: z.enum(["taken back", "left", "under way"]),
  text: z.string().exactOptional().describe("why it is left, with what is there of both versions"),
});
export type TakenBack = z.output<typeof takenBack>;

const calibration = z.object({
  class: z.string(),
  changes: count,
  withinP50: z.number().describe("share of changes; 0.5 is calibrated"),
  withinP90: z.number().describe("share of changes; 0.9 is calibrated"),
  brier: z.number().describe("of `it will be done within its P90`, said with 0.9: 0.09 is calibrated, less is better"),
  pinballMs: z.object({ p50: ms, p90: ms }).describe("mean quantile loss: less is better"),
  ratio: z.number().describe("median of what it took against its P50: above 1 estimates are too low"),
});
export type Calibration = z.output<typeof calibration>;

export const planReport = z.object({
  plan: z.string(),
  name: z.string(),
  description: z.string().exactOptional(),
  status: z.string(),
  revision: z.int(),
  edition: count,
  at: at.describe("the moment that all of it holds for"),
  startedAt: at.exactOptional(),
  endedAt: at.exactOptional(),
  percent: z
    .number()
    .describe("of the weight of changes that are merged, or of steps by what they were estimated to take"),
  percentBy: z.enum(["changes", "steps"]),
  total: count,
  done: count,
  states: z.record(z.string(), count).describe("changes, or steps, by state"),
  plannedEndAt: at.exactOptional(),
  remaining: z
    .object({ durationMs: quantiles, endAt: quantiles, without: z.array(z.string()).readonly() })
    .exactOptional()
    .describe("of the work that is left; `without`: steps that people have to answer, whose time nobody knows"),
  totals: z.object({ estimatedMs: ms, workedMs: ms, wastedMs: ms, slipMs: ms.exactOptional() }),
  error: z.string().exactOptional(),
  changes: z.array(changeReport).readonly(),
  steps: z.array(stepReport).readonly(),
  stepsLeftOut: count,
  blocked: z.array(chain).readonly(),
  approvals: z.array(approval).readonly(),
  takenBack: z.array(takenBack).readonly(),
  calibration: z
    .array(calibration)
    .readonly()
    .describe("of finished changes of all plans: all of them, then class by class"),
});
export type PlanReport = z.output<typeof planReport>;
