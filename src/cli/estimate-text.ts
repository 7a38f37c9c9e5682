import type { Terminal } from "#src/cli/terminal.ts";
import { durationText, plural } from "#src/cli/text.ts";
import type { Assumption, PlanEstimate, StepEstimate } from "#src/planning/estimate/plan-estimate.ts";

// An estimate for people: what the whole plan takes, then a line a step.
// What was assumed stands below it: who reads a number sees what it stands on.

/** Steps that are listed; the others are counted. */
const MAX_LISTED = 50;

export function estimateLines(estimate: PlanEstimate, terminal: Terminal): readonly string[] {
  const { durationMs, successShare, parallelWidth, criticalPath, steps, assumptions } = estimate;
  const listed = steps.slice(0, MAX_LISTED);
  const width = Math.max(...listed.map(({ step }) => step.length), 0);
  const more = steps.length - listed.length;
  return [
    `${terminal.paint("bold", "estimate")}: half of all runs take ${durationText(durationMs.p50)} at most, nine of ten ` +
      `${durationText(durationMs.p90)}; ${percent(successShare)} succeed`,
    `  at once: ${parallelWidth.withLimits} of ${parallelWidth.unbounded} that could`,
    ...costLines(estimate),
    ...(criticalPath.length === 0 ? [] : [`  critical path: ${pathText(criticalPath)}`]),
    ...listed.map((step) => stepLine(step, width, terminal)),
    ...(more > 0 ? [`  and ${plural(more, "step")} more`] : []),
    ...assumptions.map((assumption) => terminal.paint("dim", `  assumed: ${assumedText(assumption)}`)),
  ];
}

function costLines({ cost }: PlanEstimate): readonly string[] {
  const { currency, expected, most, unknownSteps } = cost;
  if (currency === undefined) return [];
  const unknown = unknownSteps.length === 0 ? "" : `, without ${plural(unknownSteps.length, "step")} of unknown price`;
  return [`  cost: ${amount(expected)} ${currency} expected, ${amount(most)} at most${unknown}`];
}

function stepLine({ step, p50, p90, basis, start, slack, runs }: StepEstimate, width: number, terminal: Terminal) {
  const often = runs === 1 ? "" : `, ${amount(runs)} times`;
  const free = slack === 0 ? "critical" : `${durationText(slack)} of slack`;
  const about = terminal.paint("dim", `${basis}, from ${durationText(start)} on, ${free}${often}`);
  return `  ${step.padEnd(width)}  ${durationText(p50)} to ${durationText(p90)}  ${about}`;
}

const MAX_NAMED = 12;

function pathText(steps: readonly string[]): string {
  const more = steps.length - MAX_NAMED;
  return `${steps.slice(0, MAX_NAMED).join(" -> ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function assumedText({ step, what, value }: Assumption): string {
  if (what === "time") return `${step} does not wait: when it ends only a run can tell`;
  return `${step} has ${amount(value)} ${what}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function amount(value: number): string {
  return String(Number(value.toPrecision(6)));
}
