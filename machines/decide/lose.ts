import { fact } from "#events/catalog.ts";
import type { CommandOf } from "#events/commands.ts";
import { errorOf } from "#events/errors.ts";
import { accepted, type Decider } from "#machines/decide/decision.ts";
import { afterSilence, attemptedAt } from "#machines/decide/next.ts";
import { findStep } from "#machines/step-path.ts";

/** The executor of an attempt is gone. An attempt that has ended, or runs elsewhere, is not lost. */
export const loseAttempt: Decider<CommandOf<"LoseAttempt">> = ({ step, attempt, executor }, state, moment) => {
  const found = findStep(state, step);
  if (found?.record.chart.value !== "running") return { kind: "duplicate" };
  const { context } = found.record.chart;
  if (context.attempt !== attempt || context.executor !== executor) return { kind: "duplicate" };
  const next = afterSilence(attemptedAt(state, found.index), errorOf("unavailable", "executor-lost", ""), moment);
  return accepted(fact("StepLost", { step, attempt, executor, next }));
};
