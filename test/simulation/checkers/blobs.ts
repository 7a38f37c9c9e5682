import type { Batch } from "#events/envelope.ts";
import type { Json } from "#events/json.ts";
import type { BlobDisk } from "#src/simulation/blob-disk.ts";
import { violated, type Checker, type Told } from "./checker.ts";

// B1. When a fact is appended, every blob that it cites is on the disk, with all that the parts of a list cite.
// B2. What a fact of the log cites is never swept away.

const REF = /^[0-9a-f]{64}$/;

export class Blobs implements Checker {
  readonly name = "blobs";
  private readonly disk: BlobDisk;
  private readonly cited = new Set<string>();

  constructor(disk: BlobDisk) {
    this.disk = disk;
  }

  /** At the moment at which a store takes the batch. */
  appending({ events, stream }: Batch): void {
    for (const { type, data } of events) {
      for (const ref of this.citedIn(data)) {
        if (!this.disk.wasWritten(ref))
          violated(this, `${type} of ${stream} cites ${ref.slice(0, 8)}, which is not there`);
      }
    }
  }

  /** What of the batches came into the log: a process may die, or be refused, before its append is written. */
  after({ event }: Told): void {
    for (const ref of this.citedIn(event.data)) this.cited.add(ref);
  }

  atEnd(): void {
    for (const ref of this.cited) {
      if (!this.disk.has(ref)) violated(this, `${ref.slice(0, 8)} is cited and was removed`);
    }
  }

  private citedIn(data: Json): string[] {
    if (typeof data !== "object" || data === null) return [];
    return Object.entries(data).flatMap(([key, part]) => {
      const isRef = (key === "blob" || key === "list") && typeof part === "string" && REF.test(part);
      if (!isRef) return key === "inline" ? [] : this.citedIn(part);
      return key === "list" ? [part, ...this.citedIn(this.disk.value(part) ?? null)] : [part];
    });
  }
}
