import type { PlanView } from "#machines/state.ts";
import type { AttemptRecord } from "#machines/step-record.ts";
import { pathAt } from "#machines/state.ts";

// What ran when: every attempt of every step as a span, in the order in which they began. For drawings and for asking
// what ran at the same time.

export interface Span {
  readonly step: string;
  readonly attempt: number;
  readonly tool: string;
  /** Index of the fallback that ran; undefined for the step's own call. */
  readonly fallback?: number;
  readonly startedAt: number;
  /** Undefined while it runs. */
  readonly endedAt?: number;
  readonly durationMs: number;
  readonly result: AttemptRecord["result"];
}

export interface Timeline {
  readonly startedAt: number;
  /** Undefined while the plan runs. */
  readonly endedAt?: number;
  readonly spans: readonly Span[];
  /** Most attempts that ran at one moment. */
  readonly widest: number;
}

/** O(attempts · log attempts). */
export function selectTimeline(state: PlanView, now: number): Timeline {
  const spans = state.steps
    .flatMap((record, index) => {
      return (record?.attempts ?? []).map((attempt) => spanOf(pathAt(state, index), attempt, now));
    })
    .sort((a, b) => a.startedAt - b.startedAt);
  const { startedAt, endedAt } = state.header.context;
  return { startedAt, ...(endedAt === 0 ? {} : { endedAt }), spans, widest: widest(spans, now) };
}

function spanOf(step: string, record: AttemptRecord, now: number): Span {
  const { attempt, tool, alternative, startedAt, endedAt, result } = record;
  return {
    step,
    attempt,
    tool,
    ...(alternative < 0 ? {} : { fallback: alternative }),
    startedAt,
    ...(endedAt === 0 ? {} : { endedAt }),
    durationMs: Math.max(0, (endedAt === 0 ? now : endedAt) - startedAt),
    result,
  };
}

/** Sweeps over starts and ends; at one moment ends count before starts. */
function widest(spans: readonly Span[], now: number): number {
  const moments = spans
    .flatMap(({ startedAt, endedAt }): [number, number][] => [
      [startedAt, 1],
      [endedAt ?? now + 1, -1],
    ])
    .sort(([at, change], [otherAt, otherChange]) => at - otherAt || change - otherChange);
  let running = 0;
  let most = 0;
  for (const [, change] of moments) {
    running += change;
    most = Math.max(most, running);
  }
  return most;
}
