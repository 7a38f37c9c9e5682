import { createHash } from "node:crypto";
import type { RecordedEvent } from "#events/envelope.ts";
import type { RecordedFact } from "#src/client/folded-plan.ts";
import { Breach } from "./breach.ts";

// What was seen and heard from outside before a crash, to be found again after it.
//
// W1. A subscription shows every fact once, in the order of the log, across all processes that served it.
// W2. A fact that was seen is at its place for ever, and says the same.
// W3. What was answered is in the log of its plan, at the revision that the answer named or before.

export interface Answer {
  /** E.g. `approve`. */
  readonly operation: string;
  readonly plan: string;
  /** The plan's revision that the answer named, if it did. */
  readonly revision: number | undefined;
  /** The type of the fact that it promises. */
  readonly type: string;
  /** A piece of the fact's data as JSON, by which it is known among those of its type. */
  readonly mark: string;
}

interface Seen {
  readonly position: number;
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly digest: string;
}

export class Witness {
  readonly answers: Answer[] = [];
  private readonly seen: Seen[] = [];
  private readonly hasGaps: boolean;

  /** `hasGaps`: positions are not counted one by one; what was left out between two shows when the log is read. */
  constructor({ hasGaps = false }: { readonly hasGaps?: boolean } = {}) {
    this.hasGaps = hasGaps;
  }

  /** Position of the last fact that was seen; -1 before the first. */
  get last(): number {
    return this.seen.at(-1)?.position ?? -1;
  }

  /** Takes the next fact of a subscription to all of them (W1). */
  see(fact: Pick<RecordedFact, "id" | "stream" | "revision" | "type" | "position" | "data">): void {
    const { id, stream, revision, type, position, data } = fact;
    if (this.hasGaps ? position <= this.last : position !== this.seen.length)
      throw new Breach("subscription", `after position ${this.last} came ${position} (${type} of ${stream})`);
    this.seen.push({ id, stream, revision, type, position, digest: digestOf(data) });
  }

  hear(answer: Answer): void {
    this.answers.push(answer);
  }

  /** W2 and W3, against the whole log. */
  check(log: readonly RecordedEvent[]): void {
    this.seen.forEach((seen, index) => checkSeen(seen, log[index]));
    const byPlan = Map.groupBy(log, ({ stream }) => stream.slice(-PLAN_ID_CHARACTERS));
    for (const answer of this.answers) checkAnswer(answer, byPlan.get(answer.plan) ?? []);
  }
}

const PLAN_ID_CHARACTERS = 36;

function checkSeen(seen: Seen, found: RecordedEvent | undefined): void {
  const what = `${seen.type} of ${seen.stream} at ${seen.revision}, seen at position ${seen.position}`;
  if (found === undefined) throw new Breach("facts", `${what}, is gone`);
  const isSame =
    found.id === seen.id &&
    found.position === seen.position &&
    found.stream === seen.stream &&
    found.revision === seen.revision;
  if (!isSame) throw new Breach("facts", `${what}: ${found.type} of ${found.stream} stands there now`);
  if (digestOf(found.data) !== seen.digest) throw new Breach("facts", `${what}, says something else now`);
}

function checkAnswer(
  { operation, plan, revision = Infinity, type, mark }: Answer,
  log: readonly RecordedEvent[],
): void {
  const last = log.at(-1)?.revision ?? -1;
  const what = `${operation} of ${plan} was answered`;
  if (Number.isFinite(revision) && last < revision)
    throw new Breach("answers", `${what} at revision ${revision}, the log ends at ${last}`);
  const isThere = log.some((event) => {
    return event.type === type && event.revision <= revision && JSON.stringify(event.data).includes(mark);
  });
  if (!isThere) throw new Breach("answers", `${what}, and there is no ${type} with ${mark}`);
}

function digestOf(data: unknown): string {
  return createHash("sha256").update(JSON.stringify(data)).digest("base64");
}
