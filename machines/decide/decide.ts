import type { Command, CommandOf } from "#events/commands.ts";
import { cancelPlan } from "#machines/decide/cancel.ts";
import type { Decider, Decision, Moment } from "#machines/decide/decision.ts";
import { loseAttempt } from "#machines/decide/lose.ts";
import { pausePlan, resumePlan } from "#machines/decide/pause.ts";
import { giveOutcome, reopenPlan } from "#machines/decide/reopen.ts";
import { reportAttempt } from "#machines/decide/report.ts";
import { resolveOutcome } from "#machines/decide/resolve.ts";
import { revisePlan } from "#machines/decide/revise.ts";
import { commentPlan, decideApproval } from "#machines/decide/review.ts";
import { rollbackPlan } from "#machines/decide/rollback.ts";
import { sendSignal } from "#machines/decide/signal.ts";
import { startPlan } from "#machines/decide/start.ts";
import type { PlanState } from "#machines/state.ts";

// Which decider answers which command: the border between what somebody asks and the law. Answers are values, and
// what was accepted is a fact only when it was appended.

/** The answer to a command, from state alone. What follows without anybody asking is `advance`. */
export function decide(command: Command, state: PlanState, moment: Moment): Decision {
  return answer(command, state, moment);
}

function answer<T extends Command["type"]>(
  command: CommandOf<T> & { readonly type: T },
  state: PlanState,
  moment: Moment,
): Decision {
  return DECIDERS[command.type](command, state, moment);
}

/** A new command does not compile before it says here who decides it. */
const DECIDERS: { readonly [T in Command["type"]]: Decider<CommandOf<T>> } = {
  StartPlan: startPlan,
  CancelPlan: cancelPlan,
  RevisePlan: revisePlan,
  PausePlan: pausePlan,
  ResumePlan: resumePlan,
  SendSignal: sendSignal,
  DecideApproval: decideApproval,
  CommentPlan: commentPlan,
  ReportAttempt: reportAttempt,
  LoseAttempt: loseAttempt,
  ResolveOutcome: resolveOutcome,
  RollbackPlan: rollbackPlan,
  ReopenPlan: reopenPlan,
  GiveOutcome: giveOutcome,
};
