import type { JsonObject } from "#events/json.ts";
import type { Anything, Resolved } from "./given.ts";
import { Block } from "./block.ts";
import type { GivenInputs, InputSchemas, InputTypes } from "./schema-type.ts";
import { stepsOf } from "./step-writer.ts";
import type { Steps } from "./steps.ts";
import { reference } from "./template.ts";
import type { Ref } from "./template.ts";
import type { CallWords, Duration, Plan } from "./words.ts";
import { writtenWords } from "./written-words.ts";

// The border between code that writes a plan and the plan, which is data like any other: what the compiler knew of it stays
// behind, and everything that it could not know is found when the plan is checked.

/** The words of a plan beside its steps and what it gives. */
export interface PlanHead<I> {
  readonly plan: string;
  readonly version?: string;
  readonly description?: string;
  readonly inputs?: I;
  readonly onFailure?: "stop" | "continue" | "rollback";
  readonly deadline?: Duration;
  readonly pauseStopsClock?: boolean;
  /** JSON Schemas of outputs, by name. */
  readonly returns?: Readonly<Record<string, JsonObject>>;
}

/** What a plan gives when it has succeeded, and who plans anew where it does not. */
export interface Answers {
  readonly outputs?: Readonly<Record<string, Anything>>;
  readonly respond?: Anything;
  readonly replan?: Replan;
}

interface Replan extends CallWords {
  /** Name of the tool. */
  readonly tool: string;
  /** They may read inputs. */
  readonly with?: Readonly<Record<string, Anything>>;
  readonly max?: number;
}

/** What steps are written with. */
export interface Around<I> {
  readonly inputs: Ref<InputTypes<I>>;
  readonly step: Steps;
}

/** The words of answers and no others; a plan that gives nothing need not say so. */
type Allowed<A> = A extends object ? Answers & Readonly<Record<Exclude<keyof A, keyof Answers>, never>> : unknown;

type OutputsOf<A> = A extends { readonly outputs: infer G } ? Resolved<G> : null;

/**
 * A plan, by the steps that `build` makes in the order of their needs. Throws a TypeError for two steps with one id, for a
 * name that is read where it is not known, and for values that are no JSON; everything else is found when the plan is checked.
 */
export function definePlan<const I extends InputSchemas, A>(
  { plan, inputs, ...words }: PlanHead<I>,
  build: (around: Around<I>) => A & Allowed<A>,
): Plan<GivenInputs<I>, OutputsOf<A>> {
  const block = new Block();
  const answers: unknown = build({
    inputs: reference("inputs", [block.origin("inputs")]),
    step: stepsOf(block),
  });
  const built = {
    plan,
    ...(inputs === undefined ? {} : { inputs }),
    ...writtenWords(words, block),
    steps: block.steps,
    ...(typeof answers === "object" && answers !== null ? block.mapping(answers) : {}),
  };
  CALLED.set(built, block.called);
  return built;
}

/** Of plans that were built in this process: the data itself names them only. */
const CALLED = new WeakMap<object, ReadonlySet<Plan>>();

/** The plans that a built plan calls, and those that they call: what has to go along where a plan is submitted. */
export function calledPlans(plan: Plan): readonly Plan[] {
  const found = new Set<Plan>();
  const visit = (one: Plan): void => {
    for (const called of CALLED.get(one) ?? []) {
      if (found.has(called)) continue;
      found.add(called);
      visit(called);
    }
  };
  visit(plan);
  return [...found];
}
