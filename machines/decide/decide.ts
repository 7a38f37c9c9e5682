import type { Command } from "#events/commands.ts";
import { cancelPlan } from "#machines/decide/cancel.ts";
import type { Decision, Moment } from "#machines/decide/decision.ts";
import { loseAttempt } from "#machines/decide/lose.ts";
import { giveOutcome, reopenPlan } from "#machines/decide/reopen.ts";
import { reportAttempt } from "#machines/decide/report.ts";
import { resolveOutcome } from "#machines/decide/resolve.ts";
import { rollbackPlan } from "#machines/decide/rollback.ts";
import { startPlan } from "#machines/decide/start.ts";
import type { PlanState } from "#machines/state.ts";

/** The answer to a command, from state alone. What follows without anybody asking is `advance`. */
export function decide(command: Command, state: PlanState, moment: Moment): Decision {
  switch (command.type) {
    case "StartPlan":
      return startPlan(command, state, moment);
    case "CancelPlan":
      return cancelPlan(command, state, moment);
    case "ReportAttempt":
      return reportAttempt(command, state, moment);
    case "LoseAttempt":
      return loseAttempt(command, state, moment);
    case "ResolveOutcome":
      return resolveOutcome(command, state, moment);
    case "RollbackPlan":
      return rollbackPlan(command, state, moment);
    case "ReopenPlan":
      return reopenPlan(command, state, moment);
    case "GiveOutcome":
      return giveOutcome(command, state, moment);
  }
}
