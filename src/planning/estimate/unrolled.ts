import type { CallStep, EachStep, PlanDefinition, RepeatStep, StepDefinition } from "#events/definition.ts";
import type { JsonObject } from "#events/json.ts";
import { stepGraph, topologicalOrder } from "#machines/graph.ts";
import type { StepModel } from "#src/planning/estimate/attempt-model.ts";
import { claimsOf, ResourceTable } from "#src/planning/estimate/claims.ts";
import { ASSUMED_ITEMS, itemsOf } from "#src/planning/estimate/fan-out.ts";
import { modelOf, type Circumstances } from "#src/planning/estimate/step-models.ts";
import type { Assumption } from "#src/planning/estimate/plan-estimate.ts";
import {
  NO_NODE,
  NO_ROUND,
  type Round,
  type StepNode,
  type Task,
  type TaskGraph,
} from "#src/planning/estimate/task-graph.ts";

// From a definition to its tasks.
//
// U1. Tasks come in an order that respects needs.
// U2. A list or repetition that is longer than what is unrolled is shortened, and each of its tasks takes so much longer: the work, and
//     how it is spread over what runs at once, stays the same.
// U3. A plan that is too large even so is not looked into any further, and says so.

const MAX_TASKS = 10_000;
const MAX_MEMBERS = 100;
/** Beyond this nothing is opened any more. */
const MAX_OPENED_TASKS = 200_000;

export interface Unrolled {
  readonly graph: TaskGraph;
  readonly assumptions: readonly Assumption[];
}

export function unrolled(definition: PlanDefinition, circumstances: Circumstances): Unrolled {
  const unrolling = new Unrolling(definition, circumstances);
  unrolling.plan();
  return unrolling.result();
}

/** Where a block is opened. */
interface Opening {
  readonly prefix: string;
  readonly inputs: JsonObject | undefined;
  /** The task that its first steps wait for. */
  readonly after: readonly number[];
  readonly round: number;
  /** What a duration is multiplied by. */
  readonly scale: number;
  readonly runs: number;
  readonly mostRuns: number;
  /** Tasks that it should not have more of. */
  readonly room: number;
  readonly depth: number;
}

interface Span {
  readonly first: number;
  readonly last: number;
}

class Unrolling {
  readonly #definition: PlanDefinition;
  readonly #circumstances: Circumstances;
  readonly #tasks: Task[] = [];
  readonly #resources = new ResourceTable();
  readonly #rounds: Round[] = [];
  readonly #repeats: number[] = [];
  readonly #nodes: StepNode[] = [];
  readonly #nodeOf = new Map<string, number>();
  readonly #assumptions = new Map<string, Assumption>();

  #ends: readonly number[] = [];

  constructor(definition: PlanDefinition, circumstances: Circumstances) {
    this.#definition = definition;
    this.#circumstances = circumstances;
  }

  plan(): void {
    const { steps } = this.#definition;
    const { inputs } = this.#circumstances;
    const opening = {
      prefix: "",
      inputs,
      after: [],
      round: NO_ROUND,
      scale: 1,
      runs: 1,
      mostRuns: 1,
      depth: 0,
    };
    this.#ends = this.#block(steps, {
      ...opening,
      room: Math.max(MAX_TASKS, steps.length),
    });
  }

  result(): Unrolled {
    const graph = {
      tasks: this.#tasks,
      resources: this.#resources.list,
      rounds: this.#rounds,
      repeats: this.#repeats,
      nodes: this.#nodes,
      ends: this.#ends,
    };
    return { graph, assumptions: [...this.#assumptions.values()] };
  }

  /** Gives the tasks whose end is the block's. */
  #block(steps: readonly StepDefinition[], opening: Opening): readonly number[] {
    const graph = stepGraph({ steps });
    const spans: (Span | undefined)[] = steps.map(() => undefined);
    const room = Math.max(1, Math.floor(opening.room / steps.length));
    const sorted = topologicalOrder(graph);
    for (const index of "order" in sorted ? sorted.order : []) {
      const step = steps[index];
      if (step === undefined) continue;
      const needs = (graph.needs[index] ?? []).map((need) => spans[need]?.last ?? 0);
      spans[index] = this.#step(step, needs, { ...opening, room });
    }
    return steps.flatMap((_, index) => {
      // What another step waits for anyway, or who has lost a race, holds up no end.
      const isAwaited = (graph.dependents[index] ?? []).some((one) => steps[one]?.join !== "any");
      return isAwaited ? [] : [spans[index]?.last ?? 0];
    });
  }

  #step(step: StepDefinition, needs: readonly number[], opening: Opening): Span {
    const label = opening.prefix + step.id;
    const after = {
      needs: needs.length === 0 ? opening.after : needs,
      needed: neededOf(step, needs, opening),
    };
    const isLarge = this.#tasks.length > MAX_OPENED_TASKS;
    const isOpened = step.kind === "each" || step.kind === "repeat" || step.kind === "call";
    if (!isOpened || isLarge) return this.#leaf(step, label, { opening, after });
    return this.#opened(step, label, { opening, after });
  }

  #leaf(step: StepDefinition, label: string, { opening, after }: Begin): Span {
    const { model, isUnknownTime } = modelOf(step, { ...this.#circumstances, inputs: opening.inputs });
    if (isUnknownTime) this.#assume({ step: label, what: "time", value: 0 });
    const { scale, round } = opening;
    const takes = step.kind === "tool" ? claimsOf(step, this.#circumstances, this.#resources) : [];
    const isClosed = step.kind === "each" || step.kind === "repeat" || step.kind === "call";
    const node = this.#node(label, { model, opening, isClosed });
    const priority = step.priority ?? 0;
    const task = this.#task({
      node,
      ...after,
      model,
      scale,
      takes,
      gives: takes,
      priority,
      round,
    });
    return { first: task, last: task };
  }

  #opened(step: EachStep | RepeatStep | CallStep, label: string, { opening, after }: Begin): Span {
    const { round } = opening;
    const node = this.#node(label, {
      model: undefined,
      opening,
      isClosed: false,
    });
    const gate = {
      ...NO_TIME,
      takes: [],
      gives: [],
      priority: step.priority ?? 0,
      round,
    };
    const first = this.#task({ ...gate, ...after });
    const inside = {
      ...opening,
      prefix: `${label}/`,
      after: [first],
      depth: opening.depth + 1,
    };
    const ends = this.#inside(step, label, inside);
    const last = this.#task({
      ...gate,
      needs: ends.length === 0 ? [first] : ends,
      needed: Math.max(1, ends.length),
    });
    const known = this.#nodes[node];
    if (known?.first === first) this.#nodes[node] = { ...known, last };
    return { first, last };
  }

  #inside(step: EachStep | RepeatStep | CallStep, label: string, opening: Opening): readonly number[] {
    if (step.kind === "each") return this.#items(step, label, opening);
    if (step.kind === "repeat") return this.#iterations(step, label, opening);
    const plan = this.#definition.calls?.[step.plan];
    return plan === undefined ? [] : this.#block(plan.steps, { ...opening, inputs: undefined });
  }

  #items(step: EachStep, label: string, opening: Opening): readonly number[] {
    const known = itemsOf(step, opening.inputs);
    if (known === undefined) this.#assume({ step: label, what: "items", value: ASSUMED_ITEMS });
    const items = known ?? ASSUMED_ITEMS;
    const members = membersFor(items, step.body.steps, opening.room);
    if (members === 0) return [];
    const width = Math.min(step.concurrency, items);
    const lanes = Math.min(width, members);
    const gate = lanes < members ? [this.#resources.gate(label, lanes)] : [];
    const inner = {
      ...opening,
      scale: (opening.scale * (items * lanes)) / (members * width),
      runs: opening.runs * items,
      mostRuns: opening.mostRuns * items,
      room: Math.floor(opening.room / members),
    };
    const plain = {
      ...NO_TIME,
      priority: step.priority ?? 0,
      round: opening.round,
    };
    return Array.from({ length: members }, () => {
      const begin = this.#task({
        ...plain,
        needs: opening.after,
        needed: opening.after.length,
        takes: gate,
        gives: [],
      });
      const ends = this.#block(step.body.steps, { ...inner, after: [begin] });
      return this.#task({
        ...plain,
        needs: ends,
        needed: ends.length,
        takes: [],
        gives: gate,
      });
    });
  }

  #iterations(step: RepeatStep, label: string, opening: Opening): readonly number[] {
    const iterations = membersFor(step.max, step.body.steps, opening.room);
    const repeat = this.#repeats.push(iterations) - 1;
    const runs = (step.max + 1) / 2;
    if (step.max > 1) this.#assume({ step: label, what: "iterations", value: runs });
    let ends = opening.after;
    for (let iteration = 0; iteration < iterations; iteration += 1) {
      const round = this.#rounds.push({ repeat, iteration, around: opening.round }) - 1;
      ends = this.#block(step.body.steps, {
        ...opening,
        after: ends,
        round,
        scale: (opening.scale * step.max) / iterations,
        runs: opening.runs * runs,
        mostRuns: opening.mostRuns * step.max,
        room: Math.floor(opening.room / iterations),
      });
    }
    return ends;
  }

  #task(task: Task): number {
    return this.#tasks.push(task) - 1;
  }

  /** The next task is the first of this step; of one that is known already it is another run. */
  #node(label: string, { model, opening, isClosed }: NodeFields): number {
    const known = this.#nodeOf.get(label);
    if (known !== undefined) return known;
    const { runs, mostRuns } = opening;
    const next = this.#tasks.length;
    const node =
      this.#nodes.push({
        label,
        model,
        runs,
        mostRuns,
        first: next,
        last: next,
        isClosed,
      }) - 1;
    this.#nodeOf.set(label, node);
    return node;
  }

  #assume(assumption: Assumption): void {
    this.#assumptions.set(assumption.step, assumption);
  }
}

interface Begin {
  readonly opening: Opening;
  readonly after: Pick<Task, "needs" | "needed">;
}

const NO_TIME = { node: NO_NODE, model: undefined, scale: 1 };

interface NodeFields {
  readonly model: StepModel | undefined;
  readonly opening: Opening;
  readonly isClosed: boolean;
}

function membersFor(members: number, steps: readonly StepDefinition[], room: number): number {
  const fitting = Math.max(1, Math.floor(room / (steps.length + 2)));
  return Math.min(members, MAX_MEMBERS, fitting);
}

function neededOf({ join }: StepDefinition, needs: readonly number[], opening: Opening): number {
  if (needs.length === 0) return opening.after.length;
  if (join === "all") return needs.length;
  return Math.min(needs.length, join === "any" ? 1 : join.first);
}
