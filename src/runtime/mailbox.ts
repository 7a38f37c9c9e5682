import type { Command } from "#events/commands.ts";
import type { Decision } from "#machines/decide/decision.ts";
import { MAX_COMMANDS_PER_TURN, MAX_MAILBOX } from "#src/runtime/limits.ts";

// Commands that wait for a plan's actor: a bounded queue.
//
// M1. Never more than MAX_MAILBOX wait, counting those of the turn under way, which come back when it fails.
// M2. An append has one origin, so the letters that share a turn share their actor.

/** A command on its way to a plan's actor, with who sent it. */
export interface Letter {
  readonly command: Command;
  readonly sender: Sender;
  /** Told once, after what the command led to is durable. */
  readonly answer: (decision: Decision) => void;
  /** Told instead, when there will be no answer. */
  readonly fail: (error: unknown) => void;
}

export interface Sender {
  /** Authenticated principal, e.g. `os:alice`; `system` for the runtime itself. */
  readonly actor: string;
  readonly commandId?: string | undefined;
  readonly correlation?: string | undefined;
  readonly traceparent?: string | undefined;
}

export const SYSTEM: Sender = { actor: "system" };

export class Mailbox {
  private letters: Letter[] = [];
  /** Letters of the turn under way, which may come back. */
  private underWay = 0;
  /** The longest it has been, for tests and metrics. */
  peak = 0;

  get size(): number {
    return this.letters.length;
  }

  /** Whether there was room. */
  put(letter: Letter): boolean {
    if (this.letters.length + this.underWay >= MAX_MAILBOX) return false;
    this.letters.push(letter);
    this.peak = Math.max(this.peak, this.letters.length + this.underWay);
    return true;
  }

  /** The next letters of one actor, as many as fit into a turn. */
  take(): Letter[] {
    const actor = this.letters[0]?.sender.actor;
    let count = this.letters.findIndex((letter) => letter.sender.actor !== actor);
    if (count === -1) count = this.letters.length;
    const taken = this.letters.splice(0, Math.min(count, MAX_COMMANDS_PER_TURN));
    this.underWay = taken.length;
    return taken;
  }

  /** A turn is over: puts back in front what it had taken and did not answer. */
  putBack(letters: readonly Letter[]): void {
    this.underWay = 0;
    this.letters = [...letters, ...this.letters];
  }

  /** Takes everything that is left, for whoever must tell the senders. */
  drain(): Letter[] {
    return this.letters.splice(0);
  }
}
