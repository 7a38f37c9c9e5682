import { decode, type Fact } from "#events/catalog.ts";
import { citationsIn, type Citation } from "#events/citations.ts";
import type { RecordedEvent } from "#events/envelope.ts";
import { Fault } from "#events/fault.ts";
import { SYSTEM_STREAM } from "#events/streams.ts";
import { citedByParts } from "#src/blobs/list-parts.ts";
import { RefSet } from "#src/blobs/ref-set.ts";
import type { BlobStore } from "#src/ports/blob-store.ts";
import type { EventReader } from "#src/ports/event-store.ts";
import type { QuarantinedPlan } from "#src/runtime/quarantine.ts";

// What the checksums of a store cannot say: whether every event is understood, whether every blob that is cited is there
// and whole, and which plans are quarantined. It reads everything and changes nothing.

export interface Examination {
  readonly events: number;
  /** Blobs that facts cite, also through lists. */
  readonly blobs: number;
  readonly problems: readonly Problem[];
  readonly quarantined: readonly QuarantinedPlan[];
}

export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly stream: string;
  readonly revision: number;
}

export interface ExamineOptions {
  readonly onProgress?: (progress: { readonly checked: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
}

/** Problems named at most. */
const MAX_PROBLEMS = 1_000;

const PROGRESS_EVERY_EVENTS = 1_000;

interface Source {
  readonly events: Pick<EventReader, "readAll" | "head">;
  readonly blobs: Pick<BlobStore, "get">;
}

/** Faults: those of reading the log, and of reaching the blobs. */
export async function examine({ events, blobs }: Source, options: ExamineOptions = {}): Promise<Examination> {
  const total = (await events.head()) + 1;
  const cited = new CitedBlobs(blobs);
  const problems: Problem[] = [];
  const quarantined = new Map<string, QuarantinedPlan>();
  let checked = 0;
  for await (const event of events.readAll()) {
    options.signal?.throwIfAborted();
    const { stream, revision } = event;
    const note = (error: unknown): void => {
      if (problems.length < MAX_PROBLEMS) problems.push({ ...said(error), stream, revision });
    };
    const fact = decodedOr(event, note);
    if (fact !== undefined && stream === SYSTEM_STREAM) track(fact, quarantined);
    if (fact !== undefined) for (const citation of citationsIn(event.data)) await cited.look(citation, note);
    if (++checked % PROGRESS_EVERY_EVENTS === 0) options.onProgress?.({ checked: event.position + 1, total });
  }
  return { events: checked, blobs: cited.size, problems, quarantined: [...quarantined.values()] };
}

function decodedOr(event: RecordedEvent, note: (error: unknown) => void): Fact | undefined {
  try {
    return decode(event);
  } catch (error) {
    note(error);
    return undefined;
  }
}

/** Looks at each blob once: whether it is there and whole, and for a list also what its parts cite. */
class CitedBlobs {
  readonly #blobs: Pick<BlobStore, "get">;
  readonly #seen = new RefSet();
  readonly #opened = new RefSet();

  constructor(blobs: Pick<BlobStore, "get">) {
    this.#blobs = blobs;
  }

  get size(): number {
    return this.#seen.size;
  }

  async look({ ref, isList }: Citation, note: (error: unknown) => void): Promise<void> {
    const isNew = this.#seen.add(ref);
    const noteOfBlob = (error: unknown): void => {
      if (!isOfOneBlob(error)) throw error;
      note(error);
    };
    if (isList && this.#opened.add(ref)) {
      const parts = await citedByParts(ref, this.#blobs).catch(noteOfBlob);
      for (const part of parts ?? []) await this.look(part, note);
    } else if (isNew) await this.#blobs.get(ref).catch(noteOfBlob);
  }
}

/** A store of blobs that cannot be reached says nothing about any of them. */
function isOfOneBlob(error: unknown): boolean {
  return !isFault(error) || (!error.retryable && !error.code.startsWith("nats-"));
}

/** Follows who is in quarantine, from the facts of the stream `system`. */
export function track(fact: Fact, quarantined: Map<string, QuarantinedPlan>): void {
  if (fact.type === "PlanReleased") quarantined.delete(fact.data.plan);
  if (fact.type !== "PlanQuarantined") return;
  const { plan, code, message, revision } = fact.data;
  quarantined.set(plan, { plan, code, message, revision });
}

function said(error: unknown): Pick<Problem, "code" | "message"> {
  if (isFault(error)) return { code: error.code, message: error.message };
  return { code: "unreadable", message: error instanceof Error ? error.message : String(error) };
}

/** `instanceof` alone leaves the code's type open. */
function isFault(error: unknown): error is Fault {
  return error instanceof Fault;
}
