import type { SeededRandom } from "#src/testing/seeded-random.ts";
import type { Role } from "./member.ts";

// What is done to the processes, and when: drawn from a seed.

export type FaultKind = "kill" | "stand-still" | "leave" | "nats";

export interface DrawnFault {
  readonly kind: FaultKind;
  /** Of whom; undefined for nats-server. */
  readonly role: Role | undefined;
  /** Chooses among those who are ready: [0, 1). */
  readonly who: number;
  /** How long it stands still, or until it is started again. */
  readonly forMs: number;
}

/** Beyond both leases: 3 s of coordinators and of executors. */
const STANDS_MS = { least: 5_000, most: 8_000 } as const;
const AWAY_MS = { least: 0, most: 1_500 } as const;
/** Between two: long enough to see whether all is as before. */
const GAP_MS = { least: 6_500, most: 9_500 } as const;
const TWO_AT_ONCE = 0.15;

const DRAWN: readonly (readonly [weight: number, kind: FaultKind, role: Role | undefined])[] = [
  [5, "kill", "coordinator"],
  [5, "kill", "executor"],
  [2, "stand-still", "coordinator"],
  [2, "stand-still", "executor"],
  [1, "leave", "coordinator"],
  [1, "leave", "executor"],
  [1, "nats", undefined],
];

export function drawGap(random: SeededRandom): number {
  return random.int(GAP_MS.least, GAP_MS.most);
}

/** One, or two at the same moment. */
export function drawFaults(random: SeededRandom): readonly DrawnFault[] {
  return random.chance(TWO_AT_ONCE) ? [drawFault(random), drawFault(random)] : [drawFault(random)];
}

function drawFault(random: SeededRandom): DrawnFault {
  const [, kind, role] = random.pick(DRAWN.flatMap((one) => Array.from({ length: one[0] }, () => one)));
  const { least, most } = kind === "stand-still" ? STANDS_MS : AWAY_MS;
  return { kind, role, who: random.next(), forMs: random.int(least, most) };
}
