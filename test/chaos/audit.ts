import type { PlanStory } from "../simulation/story/plan-story.ts";
import { Breach } from "../crash/breach.ts";
import { Effects } from "../crash/checkers/effects.ts";
import { checkStore } from "../crash/checkers/store.ts";
import type { Entry, Ledger } from "../crash/ledger.ts";
import type { People } from "../crash/load/people.ts";
import type { Witness } from "../crash/witness.ts";
import { medianOf } from "../soak/judge/trend.ts";
import type { Installation } from "./installation.ts";
import type { Listener } from "./listener.ts";
import { ENDS } from "./load.ts";
import type { LogWatch } from "./log-watch.ts";
import type { Claim, FaultRecord } from "./record.ts";
import type { Told } from "./told.ts";

// What has to hold when it is over, whatever was done to whom.

export interface Audited {
  /** What went wrong on the way to the end. */
  readonly broken: readonly string[];
  readonly faults: readonly FaultRecord[];
  readonly watch: Pick<LogWatch, "law" | "broken" | "epochs">;
  readonly installation: Pick<Installation, "of" | "whereOf">;
  readonly told: Told;
  readonly slots: number;
  readonly ledger: Ledger;
  readonly witness: Witness;
  readonly listeners: readonly Listener[];
  readonly people: People;
}

/** The issue's bound, for the throughput and for what somebody had in hand. */
const BACK_WITHIN_MS = 5_000;
/** An idempotent step is tried so often; each loss counts. */
const ATTEMPTS = 3;
const SHOWN = 5;

export async function auditOf(audited: Audited): Promise<readonly Claim[]> {
  const { broken, watch, told, listeners, faults } = audited;
  const { law } = watch;
  const claimed = (claim: string, wrong: readonly string[], found: string): Claim => ({
    claim,
    holds: wrong.length === 0,
    found: wrong.length === 0 ? found : `${wrong.length}: ${wrong.slice(0, SHOWN).join("; ")}`,
  });
  const ended = [...law.stories.values()].flatMap(wrongEnd);
  return [
    claimed("everybody comes up, goes on and ends in order, and every plan ends", broken, "all of them"),
    claimed(
      "every plan that was accepted is in the log and ended as it must",
      [...ended, ...lostStarts(audited)],
      plansText(law.stories.values()),
    ),
    claimed(
      "one outcome an attempt, one success a step, no attempt of an owner that was followed by another",
      watch.broken,
      `${law.log.length} facts, ${watch.epochs} ownerships`,
    ),
    claimed(
      "what tools wrote down is what the log says",
      await effects(audited),
      `${audited.ledger.entries.length} lines`,
    ),
    claimed(
      "no executor runs more at once than it has slots",
      overfull(audited.ledger.entries, audited.slots),
      `${audited.slots} slots`,
    ),
    claimed(
      "the log, its payloads and views are whole in every coordinator's eyes, with every answer",
      await stores(audited),
      `${audited.witness.answers.length} answers`,
    ),
    claimed(
      "what coordinators told is in the log, told by one of them",
      [...told.missing(law.log), ...told.twice],
      `${told.facts} facts`,
    ),
    claimed(
      "subscribers were told the log, each fact once and in order",
      await caught(listeners.map((listener) => async () => listener.check(law.log))),
      listeners.map(({ kind }) => kind).join(", "),
    ),
    ...timings(faults),
  ];
}

export function timings(faults: readonly FaultRecord[]): readonly Claim[] {
  const of = (kinds: readonly string[], role: string): readonly FaultRecord[] =>
    faults.filter(({ kind, name }) => kinds.includes(kind) && name.startsWith(role));
  const suddenly = ["kill", "stand-still"];
  const within = (claim: string, times: readonly (number | undefined)[]): Claim => {
    const known = times.filter((ms) => ms !== undefined);
    return {
      claim: `${claim} within ${BACK_WITHIN_MS / 1_000} s`,
      holds: known.every((ms) => ms <= BACK_WITHIN_MS),
      found: timesText(known),
    };
  };
  return [
    within(
      "throughput is back",
      faults.map(({ backMs }) => backMs),
    ),
    within(
      "another coordinator goes on with the plans of one that is gone",
      of(suddenly, "coordinator").map(({ wentOnMs }) => wentOnMs),
    ),
    within(
      "what an executor had in hand that is gone has ended",
      of(suddenly, "executor").map(({ wentOnMs }) => wentOnMs),
    ),
  ];
}

export function timesText(ms: readonly number[]): string {
  if (ms.length === 0) return "never looked at";
  const most = Math.max(...ms);
  return `p50 ${medianOf(ms).toFixed(0)} ms, max ${Number.isFinite(most) ? `${most.toFixed(0)} ms` : "not back"} of ${ms.length}`;
}

/** More than one tool in each slot of a process; those whose end nobody wrote down are left out. */
export function overfull(entries: readonly Entry[], slots: number): readonly string[] {
  const changes = new Map<number, { readonly at: number; readonly by: number }[]>();
  const begun = new Map<string, Entry>();
  for (const entry of entries) {
    const { pid = 0, plan, step, what, at } = entry;
    const key = `${pid}/${plan}/${step}`;
    if (what === "begun") begun.set(key, entry);
    const beginning = begun.get(key);
    if (what === "begun" || beginning === undefined) continue;
    begun.delete(key);
    changes.set(pid, [...(changes.get(pid) ?? []), { at: beginning.at, by: 1 }, { at, by: -1 }]);
  }
  return [...changes].flatMap(([pid, some]) => {
    let [running, most] = [0, 0];
    for (const { by } of some.toSorted((one, other) => one.at - other.at || one.by - other.by)) {
      running += by;
      most = Math.max(most, running);
    }
    return most > slots ? [`${most} at once in process ${pid}`] : [];
  });
}

/** Empty for one that ended as it must. */
function wrongEnd(story: PlanStory): readonly string[] {
  const { name, plan, status } = story;
  const allowed = ENDS[name] ?? ["succeeded"];
  if (allowed.includes(status)) return [];
  // Each loss is an attempt: of a step that lost all of them nobody can say more.
  const isWornOut =
    status === "failed" &&
    [...story.steps.values()].some(({ attempts, state }) => state === "failed" && attempts >= ATTEMPTS);
  return isWornOut ? [] : [`${name} ${plan} is ${status}`];
}

function lostStarts({ people, watch }: Audited): readonly string[] {
  return people.clients.starts.flatMap(({ key, told }) => {
    if (told === undefined) return [`${key} has no answer`];
    return watch.law.stories.has(told) ? [] : [`${key} was told ${told}, which is not in the log`];
  });
}

function effects({ ledger, watch }: Audited): Promise<readonly string[]> {
  ledger.refresh();
  const checker = new Effects(watch.law, ledger);
  return caught([async () => checker.check(ledger.entries), async () => checker.checkEnd()]);
}

function stores({ installation, witness }: Audited): Promise<readonly string[]> {
  return caught(
    installation.of("coordinator").map((member, index) => async () => {
      await checkStore(installation.whereOf(member), witness, { isThorough: index === 0 });
    }),
  );
}

async function caught(checks: readonly (() => Promise<void>)[]): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const check of checks) {
    await check().catch((error: unknown) => {
      if (!(error instanceof Breach)) throw error;
      wrong.push(error.message);
    });
  }
  return wrong;
}

function plansText(stories: Iterable<PlanStory>): string {
  const by = Map.groupBy(stories, ({ status }) => status);
  return [...by].map(([status, some]) => `${some.length} ${status}`).join(", ");
}
