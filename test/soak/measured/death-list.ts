import type { RecordedEvent } from "#events/envelope.ts";
import type { Program } from "../../crash/program.ts";
import type { Death } from "./record.ts";

interface Killed {
  /** Milliseconds since the beginning of the run. */
  readonly atMs: number;
  readonly moment: string;
  readonly program: Pick<Program, "startedAt" | "queuedMs">;
}

/** The processes that were killed, each with how long it had taken to go on from where the one before was killed. */
export class DeathList {
  private readonly killed: Killed[] = [];

  add(killed: Killed): void {
    this.killed.push(killed);
  }

  told(log: readonly Pick<RecordedEvent, "origin">[]): readonly Death[] {
    const times = log.map(({ origin }) => origin.occurredAt).sort((one, other) => one - other);
    return this.killed.map(({ atMs, moment, program }, index) => {
      const nextAt = this.killed[index + 1]?.program.startedAt ?? Infinity;
      const first = index === 0 ? undefined : times.find((time) => time >= program.startedAt && time < nextAt);
      const goingOnMs = first === undefined ? undefined : first - program.startedAt;
      return { atMs, moment, goingOnMs, queuedMs: program.queuedMs };
    });
  }
}
