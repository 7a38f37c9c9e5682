import { blobRef, type BlobRef } from "#events/payload.ts";
import type { Json } from "#events/json.ts";
import { memoryBlobs, type BlobContents } from "#src/blobs/memory.ts";
import type { BlobStore } from "#src/ports/blob-store.ts";
import type { World } from "#src/simulation/world.ts";

// The disk that keeps blobs, and what becomes of disks: files that go missing, bytes that change, and the copy from which
// somebody restores them later.

export class BlobDisk {
  /** Whether that has ever happened: what cannot be read may go into quarantine. */
  wasDamaged = false;
  private readonly contents: BlobContents = new Map();
  /** Everything that was ever written. */
  private readonly copies = new Map<BlobRef, Uint8Array>();
  /** When those were written that are damaged. */
  private readonly damaged = new Map<BlobRef, number>();
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  /** As a process opens it. */
  open(): BlobStore {
    const store = memoryBlobs(this.contents, { now: () => this.world.now() });
    return {
      ...store,
      put: async (bytes) => {
        const ref = await store.put(bytes);
        this.copies.set(ref, Uint8Array.from(bytes));
        return ref;
      },
    };
  }

  /** Everything as it was written, for whoever only reads. */
  copy(): BlobStore {
    const all = [...this.copies].map(([ref, bytes]) => [ref, { bytes, writtenAt: 0 }] as const);
    return memoryBlobs(new Map(all));
  }

  /** Another disk in another world, with everything as it was written. */
  twin(world: World): BlobDisk {
    const twin = new BlobDisk(world);
    for (const [ref, bytes] of this.copies) {
      twin.copies.set(ref, bytes);
      twin.contents.set(ref, { bytes, writtenAt: world.now() });
    }
    return twin;
  }

  has(ref: string): boolean {
    return this.contents.has(blobRef.parse(ref));
  }

  wasWritten(ref: string): boolean {
    return this.copies.has(blobRef.parse(ref));
  }

  /** What the blob holds, also where it is damaged by now. */
  value(ref: string): Json | undefined {
    const bytes = this.copies.get(blobRef.parse(ref));
    return bytes === undefined ? undefined : (JSON.parse(new TextDecoder().decode(bytes)) as Json);
  }

  /** One blob is lost, or its first byte is another. */
  damage(): void {
    const refs = [...this.contents.keys()].sort();
    if (refs.length === 0) return;
    const { random } = this.world;
    const ref = random.pick(refs);
    const found = this.contents.get(ref);
    if (found === undefined) return;
    this.wasDamaged = true;
    this.damaged.set(ref, found.writtenAt);
    if (random.chance(0.5)) this.contents.delete(ref);
    else this.contents.set(ref, { ...found, bytes: found.bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte)) });
    this.world.note(`blob ${ref.slice(0, 8)} is damaged`);
  }

  /** All that was damaged, from the copy. */
  restore(): void {
    for (const [ref, writtenAt] of this.damaged) {
      const bytes = this.copies.get(ref);
      if (bytes !== undefined) this.contents.set(ref, { bytes, writtenAt });
    }
    this.damaged.clear();
  }
}
