import { createHash } from "node:crypto";
import { Breach } from "../../crash/breach.ts";

/** What one subscriber was shown, in order, in constant memory: a hash of the facts' ids. */
export class Trail {
  /** Number of the last fact; -1 before the first. */
  last = -1;
  private readonly hash = createHash("sha256");

  /** Takes the next fact by its number in what is followed. Throws a Breach unless it is the next one. */
  take(number: number, { id, type }: { readonly id: string; readonly type: string }): void {
    if (number !== this.last + 1)
      throw new Breach(
        "subscription",
        `after ${this.last} came ${number} (${type}), over a connection that was resumed`,
      );
    this.last = number;
    this.hash.update(id);
  }

  /** Whether it was shown exactly these. */
  isOf(ids: readonly string[]): boolean {
    if (ids.length !== this.last + 1) return false;
    const expected = createHash("sha256");
    for (const id of ids) expected.update(id);
    return expected.digest("hex") === this.hash.copy().digest("hex");
  }
}
