import { readFileSync } from "node:fs";
import path from "node:path";
import { decode } from "#events/catalog.ts";
import type { RecordedEvent } from "#events/envelope.ts";
import type { Json } from "#events/json.ts";
import type { Payload } from "#events/payload.ts";
import { planOfStream } from "#events/streams.ts";
import { Approvals } from "../../simulation/checkers/approvals.ts";
import { Attempts } from "../../simulation/checkers/attempts.ts";
import { Cascades } from "../../simulation/checkers/cascades.ts";
import { Violation, type Checker, type Told } from "../../simulation/checkers/checker.ts";
import { Epochs } from "../../simulation/checkers/epochs.ts";
import { Rollbacks } from "../../simulation/checkers/rollbacks.ts";
import { Signals } from "../../simulation/checkers/signals.ts";
import { Windows } from "../../simulation/checkers/windows.ts";
import { PlanStory } from "../../simulation/story/plan-story.ts";
import { Breach } from "../breach.ts";

// The simulation's checkers of the log, told of the facts of a real one as they are seen: attempts without gap and one in
// flight, one success a step, epochs that never go back, cascades, windows, signals and approvals once, undo calls in reverse order.

export class Law {
  readonly stories = new Map<string, PlanStory>();
  /** Those of them that are not over, or have failed: somebody may take them back. */
  readonly open = new Map<string, PlanStory>();
  /** The log, as it was seen. */
  readonly log: RecordedEvent[] = [];
  private readonly checkers: readonly Checker[];
  private readonly blobs: string;

  /** `store` is the folder; payloads that are no part of a fact are read in it. */
  constructor(store: string) {
    this.blobs = path.join(store, "blobs");
    this.checkers = [Attempts, Epochs, Rollbacks, Cascades, Windows, Signals, Approvals].map((Each) => new Each());
  }

  follow(event: RecordedEvent): void {
    this.log.push(event);
    const plan = planOfStream(event.stream);
    if (plan === undefined) throw new Breach("quarantine", `${event.type}: ${JSON.stringify(event.data)}`);
    const story = this.stories.get(plan) ?? new PlanStory(plan, (source) => this.valueOf(source));
    this.stories.set(plan, story);
    this.judge({ story, fact: decode(event), event, seenAt: event.origin.occurredAt });
    if (story.isEnded && story.status !== "failed") this.open.delete(plan);
    else this.open.set(plan, story);
  }

  private judge(told: Told): void {
    breaking(() => {
      for (const checker of this.checkers) checker.before?.(told);
      told.story.take(told.fact);
      for (const checker of this.checkers) checker.after?.(told);
    });
  }

  private valueOf(source: Payload): Json {
    if ("inline" in source) return source.inline;
    if (!("blob" in source)) return null;
    const bytes = readFileSync(path.join(this.blobs, source.blob.slice(0, 2), source.blob), "utf8");
    return JSON.parse(bytes) as Json;
  }
}

function breaking(judgement: () => void): void {
  try {
    judgement();
  } catch (error) {
    if (error instanceof Violation) throw new Breach("law", error.message);
    throw error;
  }
}
