import type { Command } from "#events/commands.ts";
import { planDefinition, type PlanDefinition, type StepDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";
import { AGREED, CHANGE_PLAN } from "../plans/change-plan.ts";
import { randomSteps } from "../plans/random-steps.ts";
import { isUndoPath } from "../story/outline.ts";
import type { PlanStory } from "../story/plan-story.ts";
import type { Desk } from "./desk.ts";

// People who watch plans: they answer for unknown outcomes, pause, resume, cancel, roll back, reopen, revise, and say what a
// step comes to.

/** How often somebody does something of a kind to a plan, each time that they look. */
const CHANCE = 0.02;

/** How often a step that has failed is taken away, or comes back, in one run of so many: what others find stays where it is. */
const AGAIN = { chance: 0.4, runs: 4 } as const;

/** How often, each time that somebody looks. */
const BETWEEN = 0.5;

type Asking = (story: PlanStory, random: SeededRandom) => Command | undefined;

export class Operators {
  private readonly desk: Desk;

  constructor(desk: Desk) {
    this.desk = desk;
  }

  look(story: PlanStory, isCalm: boolean): void {
    const { random } = this.desk.world;
    this.resolve(story, isCalm);
    if (isCalm) {
      if (story.status === "paused") this.desk.ask(story.plan, { type: "ResumePlan" });
      return;
    }
    if (story.status === "paused" && random.chance(0.2)) this.desk.ask(story.plan, { type: "ResumePlan" });
    for (const asking of ASKINGS) {
      const command = random.chance(CHANCE) ? asking(story, random) : undefined;
      if (command !== undefined) this.desk.ask(story.plan, command);
    }
    this.takeAwayOrBack(story);
    this.reviseBetween(story);
  }

  /** What two people have to agree to becomes something else when one of them has. */
  private reviseBetween(story: PlanStory): void {
    const { world, judge } = this.desk;
    if (story.name !== CHANGE_PLAN || judge.approvals.approvedBy(story, AGREED) !== 1) return;
    const { definition } = story.outline;
    const asked = definition.steps.findLast(({ needs }) => needs.includes(AGREED));
    if (asked === undefined || !world.random.chance(BETWEEN)) return;
    const steps = definition.steps.map((step) => (step === asked ? changed(step, story.edition) : step));
    this.desk.ask(story.plan, { type: "RevisePlan", definition: { ...definition, steps }, edition: story.edition });
  }

  private takeAwayOrBack(story: PlanStory): void {
    const { random, seed } = this.desk.world;
    const again = seed % AGAIN.runs === AGAIN.runs - 1 ? goneAndBack(story) : undefined;
    if (again !== undefined && random.chance(AGAIN.chance)) this.desk.ask(story.plan, again);
  }

  private resolve(story: PlanStory, isCalm: boolean): void {
    const { random } = this.desk.world;
    for (const { path, state } of story.steps.values()) {
      if (state !== "unknown" || !random.chance(isCalm ? 0.5 : 0.15)) continue;
      const kind = random.pick(["done", "retry", "fail"] as const);
      const resolution = kind === "done" ? { kind, output: inline("answered") } : { kind };
      this.desk.ask(story.plan, { type: "ResolveOutcome", step: path, resolution });
    }
  }
}

const ASKINGS: readonly Asking[] = [
  () => ({ type: "PausePlan" }),
  (_, random) => (random.chance(0.5) ? { type: "CancelPlan" } : undefined),
  rollback,
  rollback,
  (story) => (story.isEnded ? { type: "ReopenPlan" } : undefined),
  (story) => (story.isEnded ? { type: "ReopenPlan" } : undefined),
  (story) => (story.isEnded ? { type: "ReopenPlan" } : undefined),
  giveOutcome,
  revise,
  revise,
];

function rollback({ outline }: PlanStory, random: SeededRandom): Command {
  const { id } = random.pick(outline.definition.steps);
  const part = random.pick([{}, {}, { from: id }, { to: id }]);
  return { type: "RollbackPlan", acceptIrreversible: random.chance(0.8), ...part };
}

function giveOutcome({ steps }: PlanStory, random: SeededRandom): Command | undefined {
  const paths = [...steps.keys()].filter((path) => !isUndoPath(path));
  if (paths.length === 0) return undefined;
  const outcome = random.chance(0.5)
    ? { kind: "done" as const, output: inline("given") }
    : { kind: "skipped" as const };
  return { type: "GiveOutcome", step: random.pick(paths), outcome };
}

/** Takes a step away, gives one other work, or adds some. */
function revise({ outline, edition }: PlanStory, random: SeededRandom): Command | undefined {
  const { definition } = outline;
  const picked = random.pick(definition.steps);
  const kind = random.pick(["add", "remove", "change"] as const);
  const isNeeded = definition.steps.some(({ needs }) => needs.includes(picked.id));
  if (kind === "remove" && (isNeeded || definition.steps.length === 1)) return undefined;
  const steps = definition.steps.flatMap((step): StepDefinition[] => {
    if (step !== picked || kind === "add") return [step];
    return kind === "remove" ? [] : [changed(step, edition)];
  });
  return {
    type: "RevisePlan",
    definition: kind === "add" ? added(definition, edition, random) : { ...definition, steps },
    edition,
  };
}

/** A step that has failed is taken away, and one that was taken away comes back, as far as what it needed is there. */
function goneAndBack({ outline: { definition }, edition, steps, takenAway }: PlanStory): Command | undefined {
  const present = new Set(definition.steps.map(({ id }) => id));
  const back = [...takenAway.values()].find(({ id }) => !present.has(id));
  if (back !== undefined) {
    const step = { ...back, needs: back.needs.filter((need) => present.has(need)) };
    return { type: "RevisePlan", definition: { ...definition, steps: [...definition.steps, step] }, edition };
  }
  const isNeeded = (id: string): boolean => definition.steps.some(({ needs }) => needs.includes(id));
  const failed = definition.steps.find(({ id }) => steps.get(id)?.state === "failed" && !isNeeded(id));
  if (failed === undefined || definition.steps.length === 1) return undefined;
  const left = definition.steps.filter((step) => step !== failed);
  return { type: "RevisePlan", definition: { ...definition, steps: left }, edition };
}

function changed(step: StepDefinition, edition: number): StepDefinition {
  if (step.kind === "tool") return { ...step, call: { ...step.call, with: { size: edition } } };
  return step.kind === "value" ? { ...step, value: edition } : step;
}

function added(definition: PlanDefinition, edition: number, random: SeededRandom): PlanDefinition {
  const calls: Record<string, Json> = {};
  const fresh = randomSteps({ random, calls, prefix: `e${edition}s`, depth: 0 }, 2);
  const { steps } = planDefinition.parse({ name: "added", steps: fresh });
  return { ...definition, steps: [...definition.steps, ...steps] };
}
