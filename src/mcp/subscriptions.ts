import { Fault } from "#events/fault.ts";
import type { McpSession } from "#src/mcp/session.ts";
import type { ResourceAddress } from "#src/mcp/resource-address.ts";
import { sleep } from "#src/ports/clock.ts";

// Tells a client that a plan which it subscribed to has changed: that it has, not what; a client reads again what it wants.
//
// U1. Many facts at once are one notification; the last of them is never left out.
// U2. A subscription outlives the process that ran the plan: it is taken up where another one answers.

/** Resources that one client is told of. */
const MAX_SUBSCRIPTIONS = 64;
const MIN_BETWEEN_MS = 200;
const PAUSE_MS = 1_000;

export class Subscriptions {
  private readonly session: McpSession;
  private readonly open = new Map<string, AbortController>();

  constructor(session: McpSession) {
    this.session = session;
  }

  /** Listens when this resolves: a change from then on is told. Faults: `too-many-subscriptions`, `plan-unknown`. */
  async add(uri: string, { plan: reference }: ResourceAddress): Promise<void> {
    if (this.open.has(uri)) return;
    if (this.open.size >= MAX_SUBSCRIPTIONS) {
      throw new Fault("too-many-subscriptions", `this client is told of ${MAX_SUBSCRIPTIONS} resources already`);
    }
    const over = new AbortController();
    this.open.set(uri, over);
    try {
      const { client, closed } = this.session;
      const signal = AbortSignal.any([over.signal, closed]);
      const { plan, revision } = await client.get({ plan: reference }, { signal });
      const { facts } = await client.history({ plan, from: revision, limit: 1 }, { signal });
      void this.follow({ uri, plan, after: facts[0]?.position ?? -1 }, signal);
    } catch (error) {
      this.open.delete(uri);
      throw error;
    }
  }

  remove(uri: string): void {
    this.open.get(uri)?.abort();
    this.open.delete(uri);
  }

  /** Never rejects. */
  private async follow({ uri, plan, after }: Followed, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.session;
    let position = after;
    for (;;) {
      try {
        position = await this.tellChanges({ uri, plan, after: position }, signal);
      } catch (error) {
        log.debug("a subscription is taken up again", { error });
      }
      if (signal.aborted) return;
      await sleep(clock, PAUSE_MS, signal).catch(() => undefined);
    }
  }

  /** Until the stream ends; gives the position behind which to go on. */
  private async tellChanges({ uri, plan, after }: Followed, signal: AbortSignal): Promise<number> {
    const { client, clock, server } = this.session;
    let position = after;
    let telling: Promise<void> | undefined;
    const tell = async (): Promise<void> => {
      await sleep(clock, MIN_BETWEEN_MS, signal);
      telling = undefined;
      await server.sendResourceUpdated({ uri });
    };
    try {
      for await (const fact of client.events({ plan, after }, { signal })) {
        ({ position } = fact);
        // What it throws when the connection has ended is nobody's business any more.
        telling ??= tell().catch(() => undefined);
      }
    } catch (error) {
      if (position === after) throw error;
    }
    await telling;
    return position;
  }
}

interface Followed {
  readonly uri: string;
  readonly plan: string;
  /** Position of the last fact that is known. */
  readonly after: number;
}
