import type { BlobRef } from "#events/payload.ts";

/** Puts under way: the same bytes put twice at once are written once. */
export class PutsUnderWay {
  readonly #putting = new Map<BlobRef, Promise<void>>();

  /** Resolves when the blob is durable, by this put or by one of the same bytes that was under way. */
  async once(ref: BlobRef, put: () => Promise<void>): Promise<void> {
    const putting = this.#putting.get(ref) ?? put();
    this.#putting.set(ref, putting);
    try {
      await putting;
    } finally {
      this.#putting.delete(ref);
    }
  }
}
