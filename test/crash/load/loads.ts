import type { MomentName } from "../moments.ts";
import { CHANGE_PLANS } from "./change-plans.ts";
import type { Pace } from "./clients.ts";
import { LOAD_PLANS, type LoadPlan } from "./plans.ts";

// What processes are killed over: plans of all kinds, or those that change files of repositories.

export interface Load {
  readonly plans: readonly LoadPlan[];
  /** Default: as many plans as there is room for. */
  readonly pace?: Pace;
  /** Each as often as it is drawn. */
  readonly moments: readonly MomentName[];
  /** What a kill takes with it: the programs that the process has started live on now and then. */
  readonly takesChildren: "never" | "sometimes";
  /** Of the report. */
  readonly heading: string;
}

export const LOAD_NAMES = ["all", "changes"] as const;
export type LoadName = (typeof LOAD_NAMES)[number];

/** A change starts dozens of programs. */
const MAX_CHANGE_PLANS = 2;

export const LOADS: Readonly<Record<LoadName, Load>> = {
  all: {
    plans: LOAD_PLANS,
    moments: [
      ...["start-up", "start-up", "recovery", "recovery", "recovery"],
      ...["load", "load", "load", "load", "load", "load", "load", "load"],
      ...["closing", "closing", "checkpoint"],
    ] as MomentName[],
    takesChildren: "never",
    heading: "Plans of all kinds",
  },
  changes: {
    plans: CHANGE_PLANS,
    pace: ({ underWay, mood }) =>
      mood === "calm" ? [] : Array.from({ length: Math.max(0, MAX_CHANGE_PLANS - underWay) }, () => undefined),
    moments: [
      ...["start-up", "recovery", "load", "closing"],
      ...["work", "work", "work", "move", "move", "move", "rollback", "rollback"],
    ] as MomentName[],
    takesChildren: "sometimes",
    heading: "Plans of changes",
  },
};
