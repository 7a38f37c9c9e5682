// One run of a plan of the page, told as a list of moments: "start b", "end b", and so on, in the order of the facts. Claims
// about patterns are claims about that order.
//
// O1. A moment that is named in `inTurn` happens exactly once: a second start is a failure, not a detail.
import { expect } from "vitest";
import type { Fact } from "#events/catalog.ts";
import type { Json } from "#events/json.ts";
import { runPlan, type PlanRun, type RunOptions } from "#src/testing/run-plan.ts";
import { scriptedTool, takes, type ScriptedCall } from "#src/testing/scripted-tool.ts";

/** `withdraw`: it is not wanted any more; `stop`: what ran of it has stopped. */
export type Moment = `${"start" | "end" | "skip" | "withdraw" | "stop"} ${string}` | "end plan";

export interface Surroundings extends Omit<RunOptions, "tools"> {
  /** How long the task of a step takes, in ms, by the step's path. Default: a second. */
  readonly durations?: Readonly<Record<string, number>>;
  /** What it gives. Default: null. */
  readonly outputs?: Readonly<Record<string, Json>>;
}

const DEFAULT_MS = 1_000;

export async function tell(
  plan: string,
  { durations = {}, outputs = {}, ...options }: Surroundings = {},
): Promise<Story> {
  const task = scriptedTool("task", ({ step }) => takes(durations[step] ?? DEFAULT_MS, outputs[step] ?? null));
  const run = await runPlan(plan, { ...options, tools: [task] });
  return new Story(run.facts.flatMap(momentsOf), run, task.calls);
}

export class Story {
  readonly moments: readonly string[];
  readonly run: Pick<PlanRun, "outcome" | "elapsedMs">;
  readonly calls: readonly ScriptedCall[];

  constructor(
    moments: readonly string[],
    run: Pick<PlanRun, "outcome" | "elapsedMs">,
    calls: readonly ScriptedCall[] = [],
  ) {
    this.moments = moments;
    this.run = run;
    this.calls = calls;
  }

  /** Each moment happens once, and those of a group before those of the next one. */
  inTurn(...groups: readonly (Moment | readonly Moment[])[]): void {
    const named = groups.map((group) => (typeof group === "string" ? [group] : [...group].sort()));
    const wanted = new Set<string>(named.flat());
    const told = this.moments.filter((moment) => wanted.has(moment));
    let from = 0;
    const grouped = named.map((group) => told.slice(from, (from += group.length)).sort());
    expect([...grouped, ...told.slice(from)]).toEqual(named);
  }

  never(...moments: readonly Moment[]): void {
    const unwanted = new Set<string>(moments);
    expect(this.moments.filter((moment) => unwanted.has(moment))).toEqual([]);
  }

  /** Each of these steps runs once, and none while another one does. */
  alone(...steps: readonly string[]): void {
    const told = this.moments.filter((moment) =>
      steps.some((step) => moment === `start ${step}` || moment === `end ${step}`),
    );
    const order = told.filter((moment) => moment.startsWith("start ")).map((moment) => moment.slice("start ".length));
    expect([...order].sort()).toEqual([...steps].sort());
    expect(told).toEqual(order.flatMap((step) => [`start ${step}`, `end ${step}`]));
  }
}

const VERBS: Readonly<Partial<Record<Fact["type"], string>>> = {
  StepDispatched: "start",
  StepWaitStarted: "start",
  StepExpanded: "start",
  StepSucceeded: "end",
  StepWaitEnded: "end",
  StepSkipped: "skip",
  StepCancelRequested: "withdraw",
  StepCancelled: "stop",
};

function momentsOf({ type, data }: Fact): string[] {
  if (type === "PlanSucceeded") return ["end plan"];
  const verb = VERBS[type];
  const isLaterWindow = type === "StepExpanded" && data.from > 0;
  return verb === undefined || isLaterWindow || !("step" in data) ? [] : [`${verb} ${data.step}`];
}
