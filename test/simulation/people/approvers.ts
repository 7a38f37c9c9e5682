import { approvalsIn } from "../story/questions.ts";
import type { PlanStory } from "../story/plan-story.ts";
import type { Desk } from "./desk.ts";

// People who approve and deny: slowly, so that what they have seen may be outdated when they speak; two at once; with an old
// note in their hands; without the role.

const MAX_THOUGHT_MS = 10_000;
const PEOPLE = 4;
/** So many words on a question, and a comment. */
const COMMENTED_EVERY = 16;
/** The hash of a question that was put long ago. */
const FORGOTTEN = "0".repeat(32);

interface Seen {
  readonly step: string;
  readonly hash: string;
}

export class Approvers {
  private readonly desk: Desk;
  /** Every question that somebody has seen, the last one last. */
  private readonly notes: Seen[] = [];
  private spoken = 0;

  constructor(desk: Desk) {
    this.desk = desk;
  }

  look(story: PlanStory, isCalm: boolean): void {
    const { random } = this.desk.world;
    for (const seen of approvalsIn(story)) {
      if (isCalm) this.say(story, seen, 0);
      else if (random.chance(0.2)) this.think(story, seen);
    }
  }

  private think(story: PlanStory, seen: Seen): void {
    const { random } = this.desk.world;
    this.notes.push(seen);
    const old = random.chance(0.5) ? random.pick(this.notes).hash : FORGOTTEN;
    const isOld = random.chance(0.3);
    const thoughtMs = random.next() * MAX_THOUGHT_MS;
    this.say(story, isOld ? { ...seen, hash: old } : seen, thoughtMs);
    if (random.chance(0.25)) this.say(story, seen, thoughtMs);
  }

  /** In the end everybody decides. */
  private verdict(isCalm: boolean): "approved" | "denied" | "changes-requested" | "withdrawn" {
    const { random } = this.desk.world;
    if (!isCalm && random.chance(0.2)) return random.chance(0.5) ? "changes-requested" : "withdrawn";
    return random.chance(0.7) ? "approved" : "denied";
  }

  private say(story: PlanStory, { step, hash }: Seen, thoughtMs: number): void {
    const { world, judge } = this.desk;
    const verdict = this.verdict(thoughtMs === 0);
    const roles = thoughtMs === 0 || world.random.chance(0.7) ? ["editor", "lead"] : [];
    // Few people, so that the same one speaks again.
    const by = `os:person-${++this.spoken % PEOPLE}`;
    const said = { type: "DecideApproval" as const, step, hash, verdict, by, roles };
    world.schedule(thoughtMs, () => {
      if (this.spoken % COMMENTED_EVERY === 0)
        this.desk.ask(story.plan, { type: "CommentPlan", text: "why?", step, by });
      this.desk.ask(story.plan, said, (decision, factsBefore) => {
        if (decision.kind === "accepted") judge.approvals.accepted(story, said, factsBefore);
      });
    });
  }
}
