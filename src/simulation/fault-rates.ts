import type { SeededRandom } from "#src/testing/seeded-random.ts";

// How often what goes wrong, for all the ports of a simulated world.
//
// R1. One object for a whole run, changed in place: faults stop when all of it becomes zero.

export interface FaultRates {
  /** Chance that a port call kills its process: before the call, or after it had its effect. */
  crash: number;
  /** Chance that an append's answer is lost, whether it happened or not. */
  lostAnswer: number;
  /** Chance that an append is refused for now. */
  refusedAppend: number;
  /** Chances of a message. */
  dropped: number;
  doubled: number;
  maxDelayMs: number;
  /** Most time that a disk takes to answer. */
  maxDiskMs: number;
  /** Chances, each second: that a blob is damaged, … */
  damage: number;
  /** … that the disk is full for a while, … */
  fullDisk: number;
  /** … that a process stands still for a while, … */
  standstill: number;
  /** … that it reaches nobody for a while, … */
  cutOff: number;
  /** … and that somebody sets a machine's wall clock. */
  clockJump: number;
  /** Most that a machine's wall clock is wrong by, in ms: from the beginning, and when somebody has set it. */
  maxSkewMs: number;
  /** Chance that an append to a log of several, or what its leases have to tell, is on its way for longer than a lease. */
  heldUp: number;
  /** By how much a clock may go too fast or too slow, as a share. */
  drift: number;
}

export const CALM: FaultRates = {
  crash: 0,
  lostAnswer: 0,
  refusedAppend: 0,
  dropped: 0,
  doubled: 0,
  maxDelayMs: 2,
  maxDiskMs: 2,
  damage: 0,
  fullDisk: 0,
  standstill: 0,
  cutOff: 0,
  heldUp: 0,
  clockJump: 0,
  maxSkewMs: 0,
  drift: 0,
};

/** Some runs are nearly calm, some are storms: a bug that needs quiet is found as well as one that needs a crowd. */
export function randomRates(random: SeededRandom): FaultRates {
  const severity = random.next();
  return {
    crash: random.chance(0.3) ? 0 : 0.02 * severity,
    lostAnswer: 0.2 * random.next() * severity,
    refusedAppend: random.chance(0.5) ? 0 : 0.1 * severity,
    dropped: 0.2 * random.next() * severity,
    doubled: 0.2 * random.next() * severity,
    maxDelayMs: random.pick([1, 20, 500]),
    maxDiskMs: random.pick([2, 20, 300]),
    damage: random.chance(0.7) ? 0 : 0.05,
    fullDisk: random.chance(0.6) ? 0 : 0.03,
    standstill: random.chance(0.5) ? 0 : 0.04 * severity,
    cutOff: random.chance(0.5) ? 0 : 0.03 * severity,
    heldUp: random.chance(0.5) ? 0 : 0.05 * severity,
    clockJump: random.chance(0.6) ? 0 : 0.05 * severity,
    maxSkewMs: random.pick([0, 60_000, 300_000]),
    drift: random.chance(0.5) ? 0 : 0.1 * severity,
  };
}
