import { comparePlaces } from "#src/ports/view-order.ts";
import type { ViewDocument, ViewListOptions, ViewPlace } from "#src/ports/view-store.ts";

// The newest documents of a view, as far as somebody has listed them, so that the process that keeps the view reads and
// checks a row once and not for every list.
//
// N1. It has every document down to its last one, and nothing behind that; what is listed behind the last one extends it.
// N2. A document that changes is put again, or removed. One behind the last is left out, unless the end was reached.
// N3. Its documents are nobody else's: they are given out frozen.

/** About 6 MB of plans. Who lists more reads the rest each time. */
const MAX_DOCUMENTS = 10_000;

type Range = Pick<ViewListOptions, "after" | "limit">;

export class NewestDocuments {
  /** The newest first. */
  private readonly rows: ViewDocument[] = [];
  private readonly ranks = new Map<string, number>();
  /** Nothing is behind the last one. */
  private isWhole = false;

  /** Whether it knows anything: that there is nothing, too. */
  get isUsed(): boolean {
    return this.isWhole || this.rows.length > 0;
  }

  /** The rows behind a place, as many as are asked for; undefined where they are not all here. O(log documents + rows). */
  list({ after, limit }: Range): readonly ViewDocument[] | undefined {
    const from = after === undefined ? 0 : this.countTo(after);
    const found = this.rows.slice(from, from + limit);
    return found.length === limit || this.isWhole ? found : undefined;
  }

  /** What was listed elsewhere behind a place; fewer rows than the limit mean that there are no more. */
  extend(found: readonly ViewDocument[], { after, limit }: Range): void {
    const last = this.rows.at(-1);
    const isNext = after === undefined ? last === undefined : last !== undefined && comparePlaces(after, last) === 0;
    if (!isNext || this.isWhole || this.rows.length + found.length > MAX_DOCUMENTS) return;
    for (const row of found) {
      this.rows.push(frozen(row));
      this.ranks.set(row.key, row.rank);
    }
    this.isWhole = found.length < limit;
  }

  /** In O(documents) at worst, for one that comes in between. */
  put(document: ViewDocument): void {
    const { key, rank } = document;
    if (this.ranks.get(key) === rank) {
      this.rows[this.countTo({ key, rank }) - 1] = frozen(document);
      return;
    }
    this.remove(key);
    const at = this.countTo(document);
    if (at === this.rows.length && !this.isWhole) return;
    this.rows.splice(at, 0, frozen(document));
    this.ranks.set(key, rank);
    if (this.rows.length > MAX_DOCUMENTS) this.forgetLast();
  }

  remove(key: string): void {
    const rank = this.ranks.get(key);
    if (rank === undefined) return;
    this.rows.splice(this.countTo({ key, rank }) - 1, 1);
    this.ranks.delete(key);
  }

  private forgetLast(): void {
    const last = this.rows.pop();
    if (last !== undefined) this.ranks.delete(last.key);
    this.isWhole = false;
  }

  /** How many rows come no later than the place. */
  private countTo(place: ViewPlace): number {
    let [from, to] = [0, this.rows.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const row = this.rows[middle];
      if (row !== undefined && comparePlaces(row, place) >= 0) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

function frozen(row: ViewDocument): ViewDocument {
  if (typeof row.document === "object") Object.freeze(row.document);
  return row;
}
