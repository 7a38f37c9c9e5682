import type { Fact, FactType } from "#events/catalog.ts";
import type { PlanId } from "#events/ids.ts";
import type { Json } from "#events/json.ts";

// A view across plans: one document a key, built from facts and from nothing else, so that it can be thrown away.
//
// W1. Document and key follow from the facts alone. `now` enters where documents are read, never where they are made.
// W2. What a fact says only together with an earlier one (which tool ran the attempt that it ends) stands in the view's
//     `memory`, which is saved with the documents: a view that is cut off anywhere and taken up again, and one that is
//     built in one go, are the same.
// W3. `evolve` owns the document that it is given and may change it; who reads documents gets copies.
// W4. Other documents from the same facts are the next version of the view, which is built beside the one before it.

/** A fact of a plan, as views see it. */
export interface ViewedFact {
  readonly plan: PlanId;
  readonly fact: Fact;
  /** When it was recorded, in ms since the epoch. */
  readonly at: number;
}

/** What documents are selected by, one word, and the number by which they are listed. */
interface Columns {
  readonly tag: string;
  readonly rank: number;
}

export interface KeyedView<Document extends Json = Json, Remembered extends Json = Json> {
  readonly name: string;
  readonly version: number;
  /** The only facts that it is shown. */
  readonly reads: ReadonlySet<FactType>;
  readonly memory?: Memory<Remembered>;
  /** Key of the document that the fact concerns; undefined for none. `remembered` is what memory had before the fact. */
  key(viewed: ViewedFact, remembered: Remembered | undefined): string | undefined;
  initial(): Document;
  evolve(document: Document, viewed: ViewedFact, remembered: Remembered | undefined): Document;
  columns(document: Document): Columns;
}

interface Memory<Remembered extends Json> {
  key(viewed: ViewedFact): string | undefined;
  /** Undefined forgets it. */
  evolve(remembered: Remembered | undefined, viewed: ViewedFact): Remembered | undefined;
}
