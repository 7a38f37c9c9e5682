import { quantileOf } from "#src/planning/estimate/log-normal.ts";
import { compared, type Compared } from "../estimate/accuracy.ts";
import { workflowRunsIn, type WorkflowRun, type WorkflowTask } from "../estimate/workflows.ts";
import type { Metric, Suite } from "../metric.ts";

// How good estimates are: runs of real workflows, estimated from every second task of each program of the same run, and from the other
// runs of the application, which had other data and machines. And how near the method is to what very many schedules give.

export const estimate: Suite = async (_directory, data) => {
  const runs = workflowRunsIn(data);
  const own = runs.map((run) => compared(run, everySecond(run)));
  const others = runs.flatMap((run) => {
    const known = runs.filter((other) => other !== run && other.application === run.application);
    return known.length === 0
      ? []
      : [
          compared(
            run,
            known.flatMap(({ tasks }) => tasks),
          ),
        ];
  });
  return [
    ...accuracyOf("own", own),
    ...accuracyOf("others", others),
    metricOf("recorded_over_scheduled", medianOf(own.map((one) => one.recordedMs / one.scheduledMs)), "times"),
    metricOf("p50_error@method", medianOf(own.map((one) => errorOf(one.estimate.p50, one.surely.p50))), "share"),
    metricOf("p90_error@method", medianOf(own.map((one) => errorOf(one.estimate.p90, one.surely.p90))), "share"),
    metricOf("p90_error_max@method", Math.max(...own.map((one) => errorOf(one.estimate.p90, one.surely.p90))), "share"),
    metricOf("p50_error@pert", medianOf(own.map((one) => errorOf(one.pert.p50, one.surely.p50))), "share"),
    metricOf("p90_error@pert", medianOf(own.map((one) => errorOf(one.pert.p90, one.surely.p90))), "share"),
  ];
};

function metricOf(metric: string, value: number, unit: string): Metric {
  return { suite: "estimate", metric, value, unit };
}

/** Against the real durations on the same slots. */
function accuracyOf(what: string, all: readonly Compared[]): readonly Metric[] {
  const within = all.filter(({ estimate: { p90 }, scheduledMs }) => scheduledMs <= p90).length;
  return [
    metricOf(`p50_error@${what}`, medianOf(all.map((one) => errorOf(one.estimate.p50, one.scheduledMs))), "share"),
    metricOf(`within_p90@${what}`, within / all.length, "share"),
  ];
}

/** Of each program; a program with one task is known by it. */
function everySecond({ tasks }: WorkflowRun): readonly WorkflowTask[] {
  return [...Map.groupBy(tasks, ({ program }) => program).values()].flatMap((same) =>
    same.filter((_, index) => index % 2 === 0),
  );
}

function errorOf(value: number, right: number): number {
  return Math.abs(value / right - 1);
}

function medianOf(values: readonly number[]): number {
  return quantileOf(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}
