import type { Fact } from "#events/catalog.ts";
import type { RecordedEvent } from "#events/envelope.ts";
import { partitionOf } from "#events/streams.ts";
import type { Cluster } from "#src/simulation/cluster.ts";
import type { PlanStory } from "../story/plan-story.ts";

/** A rule was broken. The message begins with the checker's name. */
export class Violation extends Error {}

/** One fact of a plan, and the plan's story. */
export interface Told {
  readonly story: PlanStory;
  readonly fact: Fact;
  readonly event: RecordedEvent;
  /** When it was found in the log, in ms since the epoch. */
  readonly seenAt: number;
}

/** What judges: each speaks of one subject, and is told of every fact of every plan in the order of the log. */
export interface Checker {
  readonly name: string;
  /** The story does not have the fact yet. */
  before?(told: Told): void;
  /** The story has it. */
  after?(told: Told): void;
  /** No faults happen any more, and every plan has ended. */
  atEnd?(stories: readonly PlanStory[]): void;
}

export function violated({ name }: Checker, text: string): never {
  throw new Violation(`${name}: ${text}`);
}

/** Whether the ownership under which the fact was decided was over when the log took it: nobody has acted upon it. */
export function isLate({ story, fact }: Told, cluster: Cluster): boolean {
  if (cluster.coordinators === 1 || !("epoch" in fact.data)) return false;
  return cluster.epochOf(partitionOf(story.plan)) !== fact.data.epoch;
}

/** Names a fact where a rule speaks of it. */
export function textOf({ story, fact }: Told): string {
  const step = "step" in fact.data ? ` of ${fact.data.step}` : "";
  return `${fact.type}${step} in ${story.plan.slice(-4)} at ${story.facts}`;
}
