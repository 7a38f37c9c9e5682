import { decode, type Fact } from "#events/catalog.ts";
import { Fault } from "#events/fault.ts";
import type { BlobRef } from "#events/payload.ts";
import { SYSTEM_STREAM } from "#events/streams.ts";
import type { BlobStore } from "#src/ports/blob-store.ts";
import type { EventReader } from "#src/ports/event-store.ts";
import { movePayloads } from "#src/runtime/fact-payloads.ts";
import type { QuarantinedPlan } from "#src/runtime/quarantine.ts";

// What the checksums of a store cannot say: whether every event is understood, whether every blob that is cited is there
// and whole, and which plans are quarantined. It reads everything and changes nothing.

export interface Examination {
  readonly events: number;
  /** Blobs that facts cite. */
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

/** Faults: those of reading the store's file. */
export async function examine({ events, blobs }: Source, options: ExamineOptions = {}): Promise<Examination> {
  const total = (await events.head()) + 1;
  const seen = new Set<string>();
  const problems: Problem[] = [];
  const quarantined = new Map<string, QuarantinedPlan>();
  let checked = 0;
  for await (const event of events.readAll()) {
    options.signal?.throwIfAborted();
    const { stream, revision } = event;
    const note = (error: unknown): void => {
      if (problems.length < MAX_PROBLEMS) problems.push({ ...said(error), stream, revision });
    };
    try {
      const fact = decode(event);
      if (stream === SYSTEM_STREAM) track(fact, quarantined);
      for (const ref of blobsCited(fact)) {
        if (seen.has(ref)) continue;
        seen.add(ref);
        await blobs.get(ref).catch(note);
      }
    } catch (error) {
      note(error);
    }
    if (++checked % PROGRESS_EVERY_EVENTS === 0) options.onProgress?.({ checked, total });
  }
  return { events: checked, blobs: seen.size, problems, quarantined: [...quarantined.values()] };
}

/** What must be in the blob store for the fact to be whole. */
function blobsCited(fact: Fact): readonly BlobRef[] {
  const cited: BlobRef[] = [];
  movePayloads(fact, (payload) => {
    if ("blob" in payload) cited.push(payload.blob);
    return payload;
  });
  return cited;
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
