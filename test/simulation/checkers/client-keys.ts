import type { PlanId } from "#events/ids.ts";
import type { PlanStory } from "../story/plan-story.ts";
import { violated, type Checker } from "./checker.ts";

// K1. A client key has one plan, however often it is used, at once or across crashes, and whoever uses it is told that one.
// K2. It is refused to whoever means another plan, and to nobody else.

/** What a client was told about a start with a key. */
export interface KeyedAnswer {
  readonly key: string;
  readonly name: string;
  /** Undefined for a refusal. */
  readonly plan: PlanId | undefined;
}

export class ClientKeys implements Checker {
  readonly name = "client keys";
  private readonly plans = new Map<string, PlanId>();
  private readonly told: KeyedAnswer[] = [];
  private readonly refused: KeyedAnswer[] = [];

  answered(answer: KeyedAnswer): void {
    const { key, plan } = answer;
    if (plan === undefined) {
      this.refused.push(answer);
      return;
    }
    const known = this.plans.get(key) ?? plan;
    if (known !== plan) violated(this, `${key} has the plans ${known} and ${plan}`);
    this.plans.set(key, plan);
    this.told.push(answer);
  }

  atEnd(stories: readonly PlanStory[]): void {
    const keyed = stories.filter(({ name }) => name.startsWith("keyed-"));
    for (const { name, plan } of keyed) {
      const twin = keyed.find((other) => other.plan !== plan && keyOf(other.name) === keyOf(name));
      if (twin !== undefined) violated(this, `${keyOf(name)} began ${plan} and ${twin.plan}`);
    }
    for (const { key, name } of this.refused) {
      if (keyed.some((story) => story.name === name)) violated(this, `${key} was refused to who began ${name}`);
    }
    for (const { key, name, plan } of this.told) {
      const begun = keyed.find((story) => story.plan === plan);
      if (begun === undefined) violated(this, `${key} was told ${plan}, which never began`);
      if (begun.name !== name) violated(this, `${key} was told ${begun.name} for ${name}`);
    }
  }
}

/** `keyed-k1-v2` is what the second client means by the key `k1`. */
function keyOf(name: string): string {
  return name.split("-")[1] ?? "";
}
