import { connectPlanwright } from "#src/compose.ts";
import { DEFAULT_STORE } from "#src/open-store.ts";
import { Fault } from "#events/fault.ts";
import type { RecordedFact } from "#src/client/folded-plan.ts";
import type { RemoteClient } from "#src/client/remote.ts";
import type { Mood } from "./load/clients.ts";
import type { People } from "./load/people.ts";
import type { Place } from "./place.ts";
import type { Program } from "./program.ts";

// What others do while one process lives: they follow its facts, and ask things of it, until it is gone.

export interface LifeParts {
  readonly program: Program;
  readonly where: Place["where"];
  readonly people: People;
  readonly mood: Mood;
  /** Position of the last fact that was seen. */
  readonly after: number;
  readonly onFact: (fact: RecordedFact) => void;
  /** How the process is reached; rejects with `nobody-serves` until it is there. Default: over the local socket. */
  readonly connect?: (() => Promise<RemoteClient>) | undefined;
}

const LOOK_EVERY_MS = 40;
const SPEAKS_WITHIN_MS = 1_000;

export class Life {
  /** Of following and asking; the process may have ended before. */
  readonly over: Promise<void>;
  /** The first thing that went wrong with what was seen or answered. */
  failure: unknown;
  private readonly parts: LifeParts;
  private readonly ending = new AbortController();

  constructor(parts: LifeParts) {
    this.parts = parts;
    this.over = this.attend().catch((error: unknown) => {
      if (!this.isGone(error)) this.failure ??= error;
    });
    void parts.program.ended.then(() => this.ending.abort());
  }

  private async attend(): Promise<void> {
    const { program } = this.parts;
    // A plan that waits for people has nothing to say before they come.
    await program.until(() => program.firstLineMs !== undefined, SPEAKS_WITHIN_MS);
    using client = await this.connected();
    if (client === undefined) return;
    await Promise.all([this.follow(client), this.ask(client)]);
    const { people } = this.parts;
    await people.rest();
    this.failure ??= people.failure;
  }

  /** The command line opens its socket a moment after its first fact. */
  private async connected(): Promise<RemoteClient | undefined> {
    const { program, where, connect = () => connectPlanwright({ store: DEFAULT_STORE, ...where }) } = this.parts;
    while (!program.hasEnded) {
      try {
        return await connect();
      } catch (error) {
        if (!Fault.is(error, "nobody-serves")) throw error;
        await program.until(() => false, LOOK_EVERY_MS);
      }
    }
    return undefined;
  }

  private async follow(client: RemoteClient): Promise<void> {
    const { signal } = this.ending;
    try {
      for await (const fact of client.events({ after: this.parts.after }, { signal })) this.parts.onFact(fact);
    } catch (error) {
      if (!this.isGone(error)) this.failure ??= error;
    }
  }

  private async ask(client: RemoteClient): Promise<void> {
    const { program, people, mood } = this.parts;
    const { signal } = this.ending;
    while (!program.hasEnded) {
      people.look(client, { mood, signal });
      await program.until(() => false, LOOK_EVERY_MS);
    }
  }

  private isGone(error: unknown): boolean {
    if (Fault.is(error, "unreachable") || Fault.is(error, "stopping")) return true;
    return this.ending.signal.aborted && error instanceof Error && error.name === "AbortError";
  }
}
