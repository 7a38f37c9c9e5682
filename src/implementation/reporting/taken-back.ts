import type { PlanView } from "#machines/state.ts";
import type { StepRecord } from "#machines/step-record.ts";
import type { TakenBack } from "./report.ts";

// What a rollback took back, and what it left because somebody had changed it since.

const MAX_NAMED = 5_000;

export function takenBackIn(state: PlanView): readonly TakenBack[] {
  const undoing = state.steps.filter((record) => record?.undoes !== undefined).slice(0, MAX_NAMED);
  const found = new Map(
    undoing.flatMap((record) => (record === undefined ? [] : [outcomeOf(record)])).map((one) => [one.step, one]),
  );
  for (const step of state.undone) if (!found.has(step)) found.set(step, { step, state: "taken back" });
  return [...found.values()];
}

function outcomeOf({ undoes = "", chart: { value }, error }: Readonly<StepRecord>): TakenBack {
  if (value === "succeeded") return { step: undoes, state: "taken back" };
  const why = error === undefined ? {} : { text: `${error.code}: ${error.message}` };
  return { step: undoes, state: value === "failed" || value === "cancelled" ? "left" : "under way", ...why };
}
