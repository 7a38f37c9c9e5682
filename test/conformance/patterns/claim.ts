// What is claimed of a pattern, and how it is shown with the plan that the page has for it.

export interface Claim {
  /** The pattern's number. */
  readonly pattern: number;
  /** A sentence about the pattern. */
  readonly says: string;
  /** Runs the page's plan; throws where the claim does not hold. */
  readonly holds: (plan: string) => Promise<void>;
}

export const SECOND_MS = 1_000;
