// The log of the stand-in: what a server keeps, without anything of gRPC.

export interface ProposedEvent {
  readonly id: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly customMetadata: Uint8Array;
  readonly data: Uint8Array;
}

export interface StoredEvent extends ProposedEvent {
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
}

/** Expected before an append: a revision, or that there is no stream. */
export type Expected = number | "no_stream";

export type Answer =
  | { readonly kind: "appended"; readonly revision: number; readonly position: number }
  | { readonly kind: "other-revision"; readonly current: number };

/** Bytes that a real log puts around an event: positions are not counted one by one. */
const OVERHEAD_BYTES = 120;

export class StandInLog {
  readonly events: StoredEvent[] = [];
  private readonly streams = new Map<string, StoredEvent[]>();
  private readonly waiting = new Set<() => void>();
  private end = 0;

  stream(name: string): readonly StoredEvent[] {
    return this.streams.get(name) ?? [];
  }

  /** As the server: at the exact revision the same ids are a repetition, whatever they carry; answered as the first time. */
  append(name: string, expected: Expected, proposed: readonly ProposedEvent[]): Answer {
    const known = this.streams.get(name) ?? [];
    const from = expected === "no_stream" ? 0 : expected + 1;
    if (from !== known.length) return repeated(known, from, proposed);
    for (const event of proposed) {
      const stored = { ...event, stream: name, revision: known.length, position: this.end };
      known.push(stored);
      this.events.push(stored);
      this.end += OVERHEAD_BYTES + event.data.length + event.customMetadata.length;
    }
    this.streams.set(name, known);
    for (const wake of [...this.waiting]) wake();
    const last = known.at(-1);
    return { kind: "appended", revision: known.length - 1, position: last?.position ?? 0 };
  }

  /** Calls back after every append until it is disposed. */
  onAppend(wake: () => void): Disposable {
    this.waiting.add(wake);
    return { [Symbol.dispose]: () => this.waiting.delete(wake) };
  }
}

function repeated(known: readonly StoredEvent[], from: number, proposed: readonly ProposedEvent[]): Answer {
  const there = known.slice(from, from + proposed.length);
  const isRepeat = there.length === proposed.length && there.every(({ id }, index) => id === proposed[index]?.id);
  const last = there.at(-1);
  if (isRepeat && last !== undefined) return { kind: "appended", revision: last.revision, position: last.position };
  return { kind: "other-revision", current: known.length - 1 };
}
