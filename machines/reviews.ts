import type { FactData } from "#events/catalog.ts";
import type { Approval } from "#events/step-facts.ts";

// What people have said of one question, and what that comes to.
//
// V1. Of each person the last word counts, so nobody counts twice, and everybody can take back what they have said.
// V2. Somebody who asks for changes stands against every approval, until they say otherwise or the question is put anew.

export interface Review extends Pick<FactData<"StepReviewed">, "by" | "verdict" | "note"> {
  /** In ms since the epoch. */
  readonly at: number;
}

/** The words that count, in the order in which they were said. */
export function standing(reviews: readonly Review[]): readonly Review[] {
  const last = new Map(reviews.map((review) => [review.by, review]));
  return reviews.filter((review) => last.get(review.by) === review && review.verdict !== "withdrawn");
}

export function approvalsAmong(reviews: readonly Review[]): readonly Review[] {
  return standing(reviews).filter(({ verdict }) => verdict === "approved");
}

export function requestsAmong(reviews: readonly Review[]): readonly Review[] {
  return standing(reviews).filter(({ verdict }) => verdict === "changes-requested");
}

export function approversOf({ approvers = 1 }: Pick<Approval, "approvers">): number {
  return approvers;
}

/** Whether the question may end. The word of the only one who is asked is in the fact that ends it. */
export function isAgreed(approval: Approval, reviews: readonly Review[]): boolean {
  if (requestsAmong(reviews).length > 0) return false;
  const wanted = approversOf(approval);
  return wanted === 1 || approvalsAmong(reviews).length >= wanted;
}
