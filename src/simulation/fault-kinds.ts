import type { FaultRates } from "#src/simulation/fault-rates.ts";
import type { ToolTrouble } from "#src/simulation/troubled-tools.ts";

// What can go wrong with a plan, one kind at a time: whoever reads the result sees what it stands and what it does not.

export interface FaultKind {
  /** Kebab case. */
  readonly name: string;
  /** One line, in the present tense. */
  readonly says: string;
  readonly rates?: Partial<FaultRates>;
  readonly tools?: ToolTrouble;
}

export const FAULT_KINDS: readonly FaultKind[] = [
  { name: "crash", says: "processes die at any moment and come back", rates: { crash: 0.01 } },
  {
    name: "messages",
    says: "messages are lost, late, doubled and overtaken",
    rates: { dropped: 0.15, doubled: 0.15, maxDelayMs: 500 },
  },
  {
    name: "answers",
    says: "the store refuses appends, and answers to them are lost",
    rates: { lostAnswer: 0.15, refusedAppend: 0.1 },
  },
  { name: "disk", says: "the disk is slow, and full for a while", rates: { fullDisk: 0.05, maxDiskMs: 300 } },
  { name: "standstill", says: "processes stand still for up to 20 s", rates: { standstill: 0.1 } },
  {
    name: "clock",
    says: "clocks are wrong by up to five minutes, are set, and go too fast or too slow",
    rates: { clockJump: 0.1, maxSkewMs: 300_000, drift: 0.1 },
  },
  { name: "tool-fails", says: "calls fail, and work when they are tried again later", tools: "fails" },
  { name: "tool-hangs", says: "calls never answer", tools: "hangs" },
  { name: "tool-late", says: "calls do their work and answer long after their time is over", tools: "late" },
  { name: "tool-dies", says: "calls do their work, and die before they can say so", tools: "dies" },
  { name: "tool-down", says: "one tool does not work at all", tools: "down" },
];
