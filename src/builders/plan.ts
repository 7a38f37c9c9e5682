import type { Anything, Resolved } from "./given.ts";
import { Block } from "./block.ts";
import type { GivenInputs, InputSchemas, InputTypes } from "./schema-type.ts";
import { stepsOf } from "./step-writer.ts";
import type { Steps } from "./steps.ts";
import { reference } from "./template.ts";
import type { Ref } from "./template.ts";
import type { Duration, Plan } from "./words.ts";
import { writtenWords } from "./written-words.ts";

// A plan written as code: data like any other plan, with types that end where the data begins.

/** The words of a plan beside its steps and what it gives. */
export interface PlanHead<I> {
  readonly plan: string;
  readonly version?: string;
  readonly description?: string;
  readonly inputs?: I;
  readonly onFailure?: "stop" | "continue" | "rollback";
  readonly deadline?: Duration;
  readonly pauseStopsClock?: boolean;
}

/** What a plan gives when it has succeeded. */
export interface Answers {
  readonly outputs?: Readonly<Record<string, Anything>>;
  readonly respond?: Anything;
}

type OutputsOf<A> = A extends { readonly outputs: infer G } ? Resolved<G> : null;

/**
 * A plan, by the steps that `build` makes in the order of their needs. Throws a TypeError for two steps with one id, for a
 * name that is read where it is not known, and for values that are no JSON; everything else is found when the plan is checked.
 */
export function definePlan<const I extends InputSchemas, A extends Answers | void>(
  { plan, inputs, ...words }: PlanHead<I>,
  build: (around: { readonly inputs: Ref<InputTypes<I>>; readonly step: Steps }) => A,
): Plan<GivenInputs<I>, OutputsOf<A>> {
  const block = new Block();
  const answers = build({
    inputs: reference("inputs", [block.origin("inputs")]),
    step: stepsOf(block),
  });
  return {
    plan,
    ...(inputs === undefined ? {} : { inputs }),
    ...writtenWords(words, block),
    steps: block.steps,
    ...(typeof answers === "object" ? block.mapping(answers) : {}),
  };
}
