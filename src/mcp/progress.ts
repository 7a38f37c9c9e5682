import type { Client, Output } from "#src/api/client.ts";
import { cutText } from "#src/mcp/bounded.ts";
import { sleep, type Clock } from "#src/ports/clock.ts";

// Looks at a plan whenever something about it changes, for a call that waits for it.
//
// P1. Facts and live messages only say that there is something to look at; what counts is what the plan says then.
// P2. Progress only grows, as the protocol wants it: where only the words are new, by a trifle; where the plan got longer, it stands.
// P3. It is an addition: what fails about it says nothing about the plan, and the call waits on.

interface Progress {
  /** Percent. */
  readonly progress: number;
  readonly message: string;
}

export type TellProgress = (progress: Progress) => Promise<void>;

export interface Look {
  readonly detail: Output<"get">;
  /** What has not ended, and why. */
  readonly steps: Output<"why">["steps"];
  /** What running steps said last. */
  readonly live: ReadonlyMap<string, string>;
}

interface Watched {
  readonly client: Pick<Client, "get" | "why" | "history" | "events" | "live">;
  readonly clock: Clock;
  readonly onLook: (look: Look) => Promise<void>;
}

/** Clients that have heard nothing for a minute give up. */
const HEARTBEAT_MS = 10_000;
const MIN_BETWEEN_MS = 200;
const MAX_NAMED = 5;
const MAX_LOOKED_AT = 100;
const MAX_MESSAGE_CHARS = 300;
/** Of what is left, so that progress grows where only the words are new. */
const TRIFLE = 0.001;

/** Looks until the signal is aborted; never rejects. */
export async function watchPlan(plan: string, { client, clock, onLook }: Watched, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  const live = new Map<string, string>();
  const changes = new Changes();
  const listening: Promise<void>[] = [];
  try {
    const { revision } = await client.get({ plan }, { signal: until });
    const { facts } = await client.history({ plan, from: revision, limit: 1 }, { signal: until });
    const after = facts[0]?.position ?? -1;
    listening.push(
      listen(client.events({ plan, after }, { signal: until }), () => changes.come()),
      listen(client.live({ plan }, { signal: until }), (message) => {
        if (message.kind === "progress") live.set(message.step, liveText(message));
        changes.come();
      }),
    );
    while (!until.aborted) {
      const detail = await client.get({ plan }, { signal: until });
      const { steps } = await client.why({ plan, limit: MAX_LOOKED_AT }, { signal: until });
      await onLook({ detail, steps, live });
      await sleep(clock, MIN_BETWEEN_MS, until);
      await changes.within(HEARTBEAT_MS, clock, until);
    }
  } catch {
    // P3.
  } finally {
    over.abort();
    await Promise.all(listening);
  }
}

/** Tells looks as progress that grows. */
export function progressTeller(tell: TellProgress): (look: Look) => Promise<void> {
  let last = -1;
  return async (look) => {
    const { ended, total } = look.detail;
    const percent = total === 0 ? 0 : (100 * ended) / total;
    const progress = percent > last ? percent : last + (100 - last) * TRIFLE;
    if (progress <= last) return;
    last = progress;
    await tell({ progress, message: messageOf(look) });
  };
}

function messageOf({ detail: { ended, total, status }, steps, live }: Look): string {
  const running = steps.filter(({ reason }) => reason.kind === "running").map(({ step }) => step);
  const named = running.slice(0, MAX_NAMED).map((step) => `${step}${live.get(step) ?? ""}`);
  const more = running.length > MAX_NAMED ? ` and ${running.length - MAX_NAMED} more` : "";
  const waiting = steps.slice(0, MAX_NAMED).map(waitingText);
  const what = named.length > 0 ? `running ${named.join(", ")}${more}` : waiting.join(", ");
  const message = `${ended} of ${total} steps have ended, plan ${status}${what === "" ? "" : `; ${what}`}`;
  return cutText(message.replaceAll(/\s+/g, " "), MAX_MESSAGE_CHARS);
}

function waitingText({ step, reason }: Output<"why">["steps"][number]): string {
  return `${step} waits (${reason.kind})`;
}

function liveText({ percent, message }: { readonly percent?: number; readonly message?: string }): string {
  const said = [percent === undefined ? "" : `${Math.round(percent)} %`, message ?? ""].filter((part) => part !== "");
  return said.length === 0 ? "" : ` (${said.join(": ")})`;
}

async function listen<T>(messages: AsyncIterable<T>, onMessage: (message: T) => void): Promise<void> {
  try {
    for await (const message of messages) onMessage(message);
  } catch {
    // P3.
  }
}

/** Wakes whoever waits for a change; one that came before counts. */
class Changes {
  private isThere = false;
  private wake: (() => void) | undefined;

  come(): void {
    this.isThere = true;
    this.wake?.();
  }

  async within(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    if (!this.isThere) {
      const done = new AbortController();
      this.wake = () => done.abort();
      await sleep(clock, ms, AbortSignal.any([signal, done.signal])).catch(() => undefined);
      signal.throwIfAborted();
    }
    this.isThere = false;
  }
}
