import type { CoordinatorId } from "#events/ids.ts";
import { isLeaving, MEMBER } from "#src/ownership/lease-words.ts";
import type { LeaseMirror } from "#src/ownership/lease-mirror.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Leases } from "#src/ports/leases.ts";
import type { Limits } from "#src/ports/limits.ts";
import type { Log } from "#src/ports/log.ts";

// One coordinator among those that are there: a lease that it changes again and again, and what it sees of the others'.
//
// M1. It is sure to be a member for SURE_MS from the moment at which it began to ask for a renewal that was granted: shorter
//     than others wait, also where clocks go at different speeds.
// M2. A lease that another one has removed is not renewed: membership begins anew.
//     Whoever has seen one unchanged for LEASE_MS removes it: one that has come since need not wait as long to believe it.
// M3. Who is about to go says so first, and is a member until everything is given up: others count without it at once.

/** A member whose lease is unchanged for so long has gone. */
export const LEASE_MS = 3_000;
const RENEW_EVERY_MS = 750;
const SURE_MS = 2_400;

export interface MemberOptions {
  readonly id: CoordinatorId;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly log: Log;
  readonly mirror: LeaseMirror;
  readonly limits: Limits;
  /** It is a member from now on. */
  readonly onSure: () => void;
}

export class Member {
  private readonly options: MemberOptions;
  private readonly key: string;
  /** Of its lease; 0 where there is none. */
  private revision = 0;
  private renewals = 0;
  private sureUntil = -Infinity;
  private dueAt = -Infinity;
  private renewing: Promise<void> | undefined;
  private forgetting: Promise<void> | undefined;

  constructor(options: MemberOptions) {
    this.options = options;
    this.key = `${MEMBER}${options.id}`;
  }

  isSure(): boolean {
    return this.options.clock.monotonic() < this.sureUntil;
  }

  /** Those that are there; this one among them. */
  all(): readonly string[] {
    const { mirror, clock, id } = this.options;
    const there = [...mirror.under(MEMBER, clock.monotonic())].filter(({ unchangedMs }) => unchangedMs < LEASE_MS);
    return [...new Set([id, ...there.map(({ name }) => name)])];
  }

  /** Those among whom the partitions are shared: nobody who is about to go. */
  staying(): readonly string[] {
    const { mirror, id } = this.options;
    return this.all().filter((name) => name === id || !isLeaving(mirror.valueOf(`${MEMBER}${name}`)));
  }

  /** For how many ms nothing was heard of one that is there. */
  silentMs(id: string): number {
    const { mirror, clock } = this.options;
    return id === this.options.id ? 0 : mirror.unchangedMs(`${MEMBER}${id}`, clock.monotonic());
  }

  renewIfDue(): void {
    const now = this.options.clock.monotonic();
    if (now < this.dueAt || this.renewing !== undefined) return;
    this.renewing = this.renew(now)
      .catch((error: unknown) => this.options.log.warn("a coordinator's lease is not renewed", { error }))
      .finally(() => (this.renewing = undefined));
  }

  /** M2. */
  forgetGone(): void {
    const { leases, clock, log, mirror } = this.options;
    const gone = [...mirror.under(MEMBER, clock.monotonic())].filter(({ unchangedMs }) => unchangedMs >= LEASE_MS);
    if (gone.length === 0 || this.forgetting !== undefined || !this.isSure()) return;
    const keys = gone.map(({ name }) => `${MEMBER}${name}`);
    this.forgetting = Promise.all(keys.map((key) => leases.remove(key, mirror.revisionOf(key))))
      .then(() => undefined)
      .catch((error: unknown) => log.debug("the lease of one that has gone is not removed", { error }))
      .finally(() => (this.forgetting = undefined));
  }

  /** M3. Where it cannot be said, others wait until it is gone. */
  async announceLeave(): Promise<void> {
    const { clock, leases, log } = this.options;
    this.dueAt = Infinity;
    await this.renewing;
    if (this.revision === 0) return;
    const now = clock.monotonic();
    try {
      const revision = await leases.put(this.key, { ...this.nextValue(), leaves: true }, this.revision);
      if (revision === undefined) return;
      this.revision = revision;
      this.sureUntil = now + SURE_MS;
    } catch (error) {
      log.warn("a coordinator could not say that it will end", { error });
    }
  }

  /** Others need not wait until its lease is over. */
  async leave(): Promise<void> {
    this.dueAt = Infinity;
    await this.renewing;
    this.sureUntil = -Infinity;
    try {
      if (this.revision > 0) await this.options.leases.remove(this.key, this.revision);
    } catch (error) {
      this.options.log.warn("a coordinator could not say that it ends", { error });
    }
  }

  private async renew(now: number): Promise<void> {
    const { leases, clock, mirror } = this.options;
    const revision = await leases.put(this.key, this.nextValue(), this.revision);
    if (revision !== undefined) {
      const isNew = now >= this.sureUntil;
      this.revision = revision;
      // What others have taken meanwhile is known before anything is taken here.
      if (isNew) mirror.takeAll(await leases.list(), clock.monotonic());
      this.sureUntil = now + SURE_MS;
      this.dueAt = now + RENEW_EVERY_MS;
      if (isNew && this.isSure()) this.options.onSure();
      return;
    }
    // An answer was lost, or somebody has removed it.
    const { entries } = await leases.list();
    const found = entries.find(({ key }) => key === this.key);
    this.revision = found?.revision ?? 0;
  }

  private nextValue() {
    const { digest } = this.options.limits;
    return { renewals: ++this.renewals, ...(digest === undefined ? {} : { limits: digest }) };
  }
}
