import { markCited, type CitingStore, type WalkOptions } from "#src/blobs/mark.ts";
import type { BlobStore, StoredBlob } from "#src/ports/blob-store.ts";
import type { Clock } from "#src/ports/clock.ts";
import { systemClock } from "#src/ports/system/clock.ts";

// Garbage among the blobs: what no fact cites. It comes from processes that were killed between a blob and its fact, and from
// appends that were refused.
//
// G1. Only the holder of the store sweeps, alone or while its engine runs. What its engine has put is never removed (B2 of
//     the port), and what was put within the grace period is left alone whoever put it: a blob is durable before the fact
//     that cites it is appended.
// G2. A sweep that ends in the middle has removed some garbage, and nothing else.

/** How old garbage is before it is swept. */
export const DEFAULT_GRACE_MS = 24 * 60 * 60 * 1_000;

export interface SurveyedBlob extends StoredBlob {
  /** `cited` by a fact; `young`: by none, but within the grace period; `garbage`: by none and older. */
  readonly standing: "cited" | "young" | "garbage";
}

export interface SurveyedStore extends CitingStore {
  readonly blobs: Pick<BlobStore, "get" | "list">;
  /** Default: the system's. */
  readonly clock?: Pick<Clock, "now">;
}

export interface SweptStore extends SurveyedStore {
  readonly blobs: Pick<BlobStore, "get" | "list" | "remove">;
}

export interface SurveyOptions extends Pick<WalkOptions, "signal"> {
  readonly graceMs?: number;
  readonly onProgress?: (phase: "facts" | "blobs", progress: { checked: number; total: number }) => void;
}

interface Amount {
  readonly blobs: number;
  readonly bytes: number;
}

export type BlobUsage = Readonly<Record<SurveyedBlob["standing"], Amount>> & {
  /** Blobs that facts cite and that are not there. */
  readonly missing: number;
};

/** Every blob with its standing, in the order of the references. Faults: `citations-unknown`, those of log and blobs. */
export async function* surveyBlobs(store: SurveyedStore, options: SurveyOptions = {}): AsyncGenerator<SurveyedBlob> {
  const survey = await begin(store, options);
  yield* survey.blobs();
}

/** How much there is of each standing. */
export async function measureBlobs(store: SurveyedStore, options: SurveyOptions = {}): Promise<BlobUsage> {
  const survey = await begin(store, options);
  const tally = new Tally();
  for await (const blob of survey.blobs()) tally.add(blob);
  return tally.usage(survey.cited);
}

/** Removes the garbage; the answer counts it under `garbage`. Faults: as `surveyBlobs`. */
export async function sweepBlobs(store: SweptStore, options: SurveyOptions = {}): Promise<BlobUsage> {
  const survey = await begin(store, options);
  const tally = new Tally();
  for await (const blob of survey.blobs()) {
    const isKept = blob.standing === "garbage" && !(await store.blobs.remove(blob.ref, survey.before));
    tally.add(isKept ? { ...blob, standing: "young" } : blob);
  }
  return tally.usage(survey.cited);
}

interface Survey {
  /** Garbage was put before this, in ms since the epoch. */
  readonly before: number;
  readonly cited: number;
  blobs(): AsyncGenerator<SurveyedBlob>;
}

async function begin(store: SurveyedStore, options: SurveyOptions): Promise<Survey> {
  const { graceMs = DEFAULT_GRACE_MS, signal, onProgress } = options;
  const before = (store.clock ?? systemClock).now() - graceMs;
  const marked = await markCited(store, {
    ...(signal === undefined ? {} : { signal }),
    onProgress: (progress) => onProgress?.("facts", progress),
  });
  return {
    before,
    cited: marked.size,
    async *blobs() {
      let checked = 0;
      for await (const blob of store.blobs.list()) {
        signal?.throwIfAborted();
        const standing = marked.has(blob.ref) ? "cited" : blob.writtenAt < before ? "garbage" : "young";
        if (++checked % PROGRESS_EVERY_BLOBS === 0) onProgress?.("blobs", shareOf(blob));
        yield { ...blob, standing };
      }
    },
  };
}

const PROGRESS_EVERY_BLOBS = 1_000;
const FIRST_LETTERS = 2;
const SHARES = 256;

/** The references are hashes and come in order, so their beginning says how far the list is. */
function shareOf({ ref }: StoredBlob): { checked: number; total: number } {
  return { checked: Number.parseInt(ref.slice(0, FIRST_LETTERS), 16), total: SHARES };
}

class Tally {
  readonly #amounts = { cited: { blobs: 0, bytes: 0 }, young: { blobs: 0, bytes: 0 }, garbage: { blobs: 0, bytes: 0 } };

  add({ standing, bytes }: SurveyedBlob): void {
    const amount = this.#amounts[standing];
    amount.blobs += 1;
    amount.bytes += bytes;
  }

  usage(cited: number): BlobUsage {
    return { ...this.#amounts, missing: Math.max(0, cited - this.#amounts.cited.blobs) };
  }
}
