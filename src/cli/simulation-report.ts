import type { FaultKind } from "#src/simulation/fault-kinds.ts";
import type { Trial } from "#src/simulation/trial.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { plural } from "#src/cli/text.ts";

// What `simulate` has found, for people and as JSON.
//
// S1. A plan survives a fault when it succeeds without a person, and does nothing twice that is not safe to do twice.

export interface Verdict {
  readonly kind: FaultKind;
  readonly trials: readonly Trial[];
}

const NAME_CHARS = 11;
const COUNT_CHARS = 9;

export function survives({ trials }: Verdict): boolean {
  return trials.every(isSurvived);
}

function isSurvived({ status, twice }: Trial): boolean {
  return status === "succeeded" && twice.length === 0;
}

/** A line for the fault, and one for each way in which runs have ended that it should not. */
export function verdictLines({ kind, trials }: Verdict, terminal: Terminal): readonly string[] {
  const bad = trials.filter((trial) => !isSurvived(trial));
  const mark = bad.length === 0 ? terminal.paint("green", "survives") : terminal.paint("red", "does not");
  const count = bad.length === 0 ? "" : `${bad.length} of ${trials.length}`;
  const says = terminal.paint("dim", kind.says);
  const ends = [...Map.groupBy(bad, endText)].map(([text, runs]) => {
    return `${" ".repeat(NAME_CHARS)} ${text}: ${plural(runs.length, "run")}, as seed ${runs[0]?.seed}`;
  });
  return [`${kind.name.padEnd(NAME_CHARS)} ${mark}  ${count.padEnd(COUNT_CHARS)} ${says}`, ...ends];
}

const STATUS_TEXTS: Readonly<Record<Trial["status"], string>> = {
  succeeded: "succeeds",
  failed: "fails",
  cancelled: "is cancelled",
  "rolled-back": "is rolled back",
  "needs-person": "waits for a person",
  endless: "does not end",
};

/** `fails (publish: timed-out)`. */
export function endText({ status, because, twice }: Trial): string {
  const at = because?.step === undefined ? "" : `${because.step}: `;
  const ended = because === undefined ? STATUS_TEXTS[status] : `${STATUS_TEXTS[status]} (${at}${because.code})`;
  return twice.length === 0 ? ended : `${ended}, and does ${twice.join(", ")} twice`;
}

/** What to do next, where something was not survived. */
export function adviceLines(verdicts: readonly Verdict[]): readonly string[] {
  const bad = verdicts.find((verdict) => !survives(verdict));
  const seed = bad?.trials.find((trial) => !isSurvived(trial))?.seed;
  if (bad === undefined || seed === undefined) return [];
  const unknown = stepsThat(verdicts, ["needs-person"]);
  const failing = stepsThat(verdicts, ["failed", "rolled-back"]);
  return [
    `next: look at one with --fault ${bad.kind.name} --seed ${seed} --trace`,
    ...(unknown === ""
      ? []
      : [
          `${unknown}: nobody knows whether it had its effect; \`unknown: retry\`, \`undo\` or \`verify\` answers that`,
        ]),
    ...(failing === ""
      ? []
      : [`${failing}: fails for good; \`retry\` with more attempts or a \`fallback\` would help`]),
  ];
}

function stepsThat(verdicts: readonly Verdict[], statuses: readonly Trial["status"][]): string {
  const trials = verdicts.flatMap((verdict) => verdict.trials).filter(({ status }) => statuses.includes(status));
  return [...new Set(trials.flatMap(({ because }) => because?.step ?? []))].join(", ");
}

export function plainTrial({ trace: _, ...trial }: Trial): Omit<Trial, "trace"> {
  return trial;
}

export function verdictDocument(verdict: Verdict): object {
  return { fault: verdict.kind.name, survives: survives(verdict), runs: verdict.trials.map(plainTrial) };
}
