import type { ErrorInfo } from "#events/errors.ts";
import type { PlanId } from "#events/ids.ts";
import type { Json } from "#events/json.ts";
import type { Payload } from "#events/payload.ts";
import { pathAt, planStateOf, type PlanView } from "#machines/state.ts";
import type { PlanStateName } from "#machines/plan-chart.ts";
import { provenanceOf, type Provenance } from "#src/api/plan-detail.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";

// How a plan that was followed ended, as commands print it: what the log says, or why the following stopped before.
// Values are loaded here, while the engine is open; printing needs nothing but the ending.

export interface Ending {
  readonly plan: PlanId;
  readonly name: string;
  readonly status:
    | "succeeded"
    | "failed"
    | "cancelled"
    | "rolled-back"
    | "needs-person"
    | "interrupted"
    | "detached"
    | "quarantined"
    | "cannot-run";
  readonly durationMs?: number;
  readonly response?: Json;
  /** Of a response that is text: for each sentence the steps that it stands on. */
  readonly provenance?: Provenance;
  readonly outputs?: Json;
  readonly error?: Pick<ErrorInfo, "code" | "message">;
  /** Steps whose outcome is unknown. */
  readonly unknown?: readonly string[];
}

const CODES: Readonly<Record<Ending["status"], ExitCode>> = {
  succeeded: EXIT.ok,
  failed: EXIT.failed,
  cancelled: EXIT.cancelled,
  "rolled-back": EXIT.failed,
  "needs-person": EXIT.person,
  interrupted: EXIT.interrupted,
  detached: EXIT.interrupted,
  quarantined: EXIT.quarantined,
  "cannot-run": EXIT.usage,
};

export function exitCodeOf({ status }: Ending): ExitCode {
  return CODES[status];
}

type Over = "succeeded" | "failed" | "cancelled" | "rolled-back";

export function isOver(status: Ending["status"] | PlanStateName): status is Over {
  return status === "succeeded" || status === "failed" || status === "cancelled" || status === "rolled-back";
}

interface Values {
  value(source: Payload): Promise<Json>;
}

/** The ending of a plan in a settled state; loads its response and outputs. */
export async function endingOf(state: PlanView, values: Values): Promise<Ending> {
  const { name, startedAt, endedAt } = state.header.context;
  const base = { plan: state.planId, name };
  const status = planStateOf(state);
  if (!isOver(status)) {
    const unknown = [...state.unknown].map((index) => pathAt(state, index));
    return { ...base, status: "needs-person", unknown };
  }
  const { response, provenance, outputs, error } = state;
  const said = response === undefined ? undefined : await values.value(response);
  return {
    ...base,
    status,
    durationMs: endedAt - startedAt,
    ...(said === undefined ? {} : { response: said }),
    ...provenanceOf(said, provenance),
    ...(outputs === undefined ? {} : { outputs: await values.value(outputs) }),
    ...(error === undefined ? {} : { error }),
  };
}
