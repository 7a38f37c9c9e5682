import { Fault } from "#events/fault.ts";
import { allOperations, callsOf, type CallOptions, type Client } from "#src/api/client.ts";
import { isRepeatable, type AnyOperation } from "#src/api/operations/operation.ts";
import { actorOf } from "#src/compose.ts";
import { clientFor } from "#src/mcp-guest.ts";
import { isGone, withHolder } from "#src/cli/connection.ts";
import type { Holder, HolderFlags } from "#src/cli/holder.ts";
import { untilAborted } from "#src/cli/interrupt.ts";
import { systemClock } from "#src/ports/system/clock.ts";

// The operations of whoever holds the store, for a command that stays: it outlives holders.
//
// N1. Where somebody holds the store, that process is asked; where nobody does, this one becomes the holder, and stays it.
// N2. When a holder is gone, another one is looked for a while before this process takes its place: one that is started again,
//     such as a service, comes back within that.
// N3. A question that nobody heard is asked again of the next holder; one that may have been heard is refused as `unreachable`
//     where twice is not as good as once.
// N4. What keeps the store from being opened is told to whoever asks, and tried again for the next one.

/** How long another holder is looked for when one is gone. */
const TAKES_OVER_AFTER_MS = 3_000;
/** How often a question is asked of another holder. */
const MAX_TRIES = 5;

export interface StandingOptions {
  readonly flags: HolderFlags;
  /** Makes this process the holder, until the signal. */
  readonly open: (signal: AbortSignal) => Promise<Holder>;
  /** Told of whoever answers from now on, before the first question. */
  readonly onLink: (by: { readonly other: Client } | { readonly own: Holder }) => Promise<void>;
}

interface Link {
  readonly client: Client;
  /** Aborted when it is of no use any more; never that of this process itself. */
  readonly over: AbortController | undefined;
}

interface Question {
  readonly operation: AnyOperation;
  readonly name: string;
  readonly input: unknown;
}

export class StandingConnection implements AsyncDisposable {
  readonly client: Client;
  private readonly options: StandingOptions;
  private readonly ending = new AbortController();
  private link: Promise<Link> | undefined;
  /** Settles when what was opened for links is closed. */
  private held: Promise<unknown> = Promise.resolve();
  private lostAt = -Infinity;

  constructor(options: StandingOptions) {
    this.options = options;
    this.client = callsOf(allOperations(), (operation, name) =>
      operation.kind === "stream"
        ? (input, { signal = NEVER } = {}) => this.streamed({ operation, name, input }, signal)
        : (input, { signal = NEVER } = {}) => this.asked({ operation, name, input }, signal),
    ) as unknown as Client;
  }

  /** Resolves when somebody answers. Faults: those of opening a store. */
  async begin(signal: AbortSignal): Promise<void> {
    await this.linked(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.ending.abort(new Fault("interrupted", "this process ends"));
    await this.held;
  }

  private async asked(question: Question, signal: AbortSignal): Promise<unknown> {
    for (let tries = 1; ; tries++) {
      const link = await this.linked(signal);
      try {
        return await callOf(link, question.name)(question.input, { signal });
      } catch (error) {
        if (signal.aborted || !this.hasLost(link, error)) throw error;
        const isAskedAgain = isUnheard(error) || isRepeatable(question.operation, question.input);
        if (!isAskedAgain || tries >= MAX_TRIES) throw error;
      }
    }
  }

  private async *streamed({ name, input }: Question, signal: AbortSignal): AsyncGenerator {
    const link = await this.linked(signal);
    try {
      const messages = callOf(link, name)(input, { signal });
      if (Symbol.asyncIterator in messages) yield* messages;
    } catch (error) {
      if (!signal.aborted) this.hasLost(link, error);
      throw error;
    }
  }

  /** Whether the error says that nobody answers there any more; then the next question goes elsewhere. */
  private hasLost({ over }: Link, error: unknown): boolean {
    if (over === undefined || !isGone(error)) return false;
    if (!over.signal.aborted) {
      this.lostAt = systemClock.monotonic();
      this.link = undefined;
    }
    over.abort();
    return true;
  }

  private async linked(signal: AbortSignal): Promise<Link> {
    const { signal: ending } = this.ending;
    const until = AbortSignal.any([signal, ending]);
    until.throwIfAborted();
    this.link ??= this.linking();
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(reasonOf(until));
    until.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([this.link, aborted.promise]);
    } finally {
      until.removeEventListener("abort", onAbort);
    }
  }

  private linking(): Promise<Link> {
    const { promise, resolve, reject } = Promise.withResolvers<Link>();
    const held = this.hold(resolve).catch((error: unknown) => {
      // N4: the next question tries again.
      if (this.link === promise) this.link = undefined;
      reject(error instanceof Error ? error : new Error(String(error)));
    });
    this.held = Promise.all([this.held, held]);
    return promise;
  }

  /** Until the link is lost or this is disposed of. */
  private async hold(onLink: (link: Link) => void): Promise<void> {
    const { flags, open, onLink: tell } = this.options;
    const { signal } = this.ending;
    await withHolder(
      flags,
      async (client) => {
        const over = new AbortController();
        await tell({ other: client });
        onLink({ client, over });
        await untilAborted(AbortSignal.any([over.signal, signal]));
      },
      async () => {
        signal.throwIfAborted();
        // N2: withHolder looks again in a moment.
        if (systemClock.monotonic() - this.lostAt < TAKES_OVER_AFTER_MS)
          throw new Fault("stopping", "it has just gone");
        await using holder = await open(signal);
        await tell({ own: holder });
        onLink({ client: await clientFor(holder, actorOf()), over: undefined });
        await untilAborted(signal);
      },
    );
  }
}

const NEVER = new AbortController().signal;

type AnyCall = (input: unknown, options: CallOptions) => Promise<unknown> | AsyncIterable<unknown>;

function callOf({ client }: Link, name: string): AnyCall {
  const calls: Readonly<Record<string, unknown>> = client;
  return calls[name] as AnyCall;
}

function isUnheard(error: unknown): boolean {
  return Fault.is(error, "stopping") || (Fault.is(error, "unreachable") && error.details["unheard"] === true);
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error("aborted");
}
