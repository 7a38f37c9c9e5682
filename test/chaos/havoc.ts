import { sleep } from "#src/ports/clock.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import type { DrawnFault, FaultKind } from "./faults.ts";
import type { Installation } from "./installation.ts";
import type { Member } from "./member.ts";

// Does to the processes what was drawn, and starts them again as a supervisor would.

export interface Done {
  readonly kind: FaultKind;
  /** E.g. `executor-2`. */
  readonly name: string;
  /** Monotonic ms. */
  readonly atMs: number;
  readonly victim: Member | undefined;
  /** The id of an executor, as facts name it. */
  readonly worker: string | undefined;
}

export class Havoc {
  private readonly installation: Installation;
  private readonly mending = new Set<Promise<void>>();
  /** The first thing that went wrong with starting again, or ending in order. */
  failure: unknown;

  constructor(installation: Installation) {
    this.installation = installation;
  }

  /** Undefined where nobody was there to do it to. */
  async wreak(fault: DrawnFault): Promise<Done | undefined> {
    const { kind, role, who } = fault;
    const atMs = systemClock.monotonic();
    if (role === undefined) {
      await this.installation.nats.stop("SIGKILL");
      this.mend(() => this.later(fault, () => this.installation.nats.begin()));
      return { kind, name: "nats-server", atMs, victim: undefined, worker: undefined };
    }
    const there = this.installation.of(role).filter(({ isReady }) => isReady);
    const victim = there[Math.floor(who * there.length)];
    if (victim === undefined) return undefined;
    const { name, worker } = victim;
    await this.harm(victim, fault);
    return { kind, name, atMs, victim, worker };
  }

  /** Resolves when everybody is there again. */
  async settled(): Promise<void> {
    while (this.mending.size > 0) await Promise.all(this.mending);
    const { members } = this.installation;
    await Promise.all(members.map((member) => member.untilReady()));
  }

  private async harm(victim: Member, fault: DrawnFault): Promise<void> {
    if (fault.kind === "stand-still") {
      victim.stop();
      this.mend(() => this.later(fault, () => victim.goOn()));
      return;
    }
    if (fault.kind === "kill") await victim.kill();
    this.mend(async () => {
      if (fault.kind === "leave") await victim.leave();
      await this.later(fault, () => victim.begin());
      await victim.untilReady();
    });
  }

  private async later({ forMs }: DrawnFault, act: () => unknown): Promise<void> {
    await sleep(systemClock, forMs, NEVER);
    await act();
  }

  private mend(work: () => Promise<void>): void {
    const mending = work()
      .catch((error: unknown) => (this.failure ??= error))
      .then(() => {
        this.mending.delete(mending);
      });
    this.mending.add(mending);
  }
}

const NEVER = new AbortController().signal;
