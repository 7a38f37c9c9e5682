import type { EachStep, PlanDefinition, RepeatStep, StepDefinition, ToolCall } from "#events/definition.ts";
import type { Path } from "#src/language/finding.ts";

// Where the steps of a definition stand in the plan as it was written, so that what is found in the one is shown in the other.
//
// P1. What stands in a called plan has the place of the call: its own file is checked by itself.
// P2. A plan that is called from several places is visited at the first: plans that call each other twice do not double the work.

export interface PlacedStep {
  readonly step: StepDefinition;
  readonly path: Path;
  /** Steps beside it, itself among them, by id. */
  readonly beside: ReadonlyMap<string, StepDefinition>;
  /** The plan that it stands in, where that is a called one. */
  readonly called?: string;
  /** The step that it is inside of. */
  readonly around?: PlacedStep;
}

/** The steps right inside of `do` or `repeat`. */
export function stepPathIn(path: Path, step: EachStep | RepeatStep, inner: string): Path {
  const word = step.kind === "each" ? "do" : "repeat";
  const [only, ...others] = step.body.steps;
  const isOnly = only?.id === ONLY_STEP && others.length === 0;
  return isOnly ? [...path, word] : [...path, word, "steps", inner];
}

/** The id of a step that is the only one inside another. */
const ONLY_STEP = "do";

/** All steps, also those inside of others, outer ones first. */
export function placedSteps(definition: PlanDefinition): readonly PlacedStep[] {
  const found: PlacedStep[] = [];
  const known = new Set<string>();
  const add = (steps: readonly StepDefinition[], place: (id: string) => Path, within: Within): void => {
    const beside = new Map(steps.map((step) => [step.id, step]));
    for (const step of steps) {
      const placed = { step, path: place(step.id), beside, ...within };
      found.push(placed);
      if (step.kind === "each" || step.kind === "repeat") {
        add(step.body.steps, (id) => (within.called === undefined ? stepPathIn(placed.path, step, id) : placed.path), {
          ...within,
          around: placed,
        });
      }
      if (step.kind === "call" && !known.has(step.plan)) {
        known.add(step.plan);
        const path = within.called === undefined ? [...placed.path, "call"] : placed.path;
        add(definition.calls?.[step.plan]?.steps ?? [], () => path, {
          called: step.plan,
          around: placed,
        });
      }
    }
  };
  add(definition.steps, (id) => ["steps", id], {});
  return found;
}

type Within = Pick<PlacedStep, "called" | "around">;

/** What a message calls it: `the step notes`, `the step notes of the plan press@1.0.0`. */
export function named({ step, called }: Pick<PlacedStep, "step" | "called">): string {
  return called === undefined ? `the step ${step.id}` : `the step ${step.id} of the plan ${called}`;
}

export interface PlacedCall {
  readonly call: ToolCall;
  /** Of the mapping that has `tool`. */
  readonly path: Path;
  readonly use: "own" | "fallback" | "undo" | "verify";
}

/** Every call of a tool that a step may make. */
export function callsOf({ step, path, called }: Pick<PlacedStep, "step" | "path" | "called">): readonly PlacedCall[] {
  const at = (...inner: Path): Path => (called === undefined ? [...path, ...inner] : path);
  const fallbacks = step.fallback.flatMap((alternative, index): PlacedCall[] =>
    "tool" in alternative ? [{ call: alternative, path: at("fallback", index), use: "fallback" }] : [],
  );
  if (step.kind !== "tool") return fallbacks;
  const { call, undo, unknown } = step;
  const verify: PlacedCall[] =
    typeof unknown === "string"
      ? []
      : [
          {
            call: unknown.verify,
            path: at("unknown", "verify"),
            use: "verify",
          },
        ];
  const back: PlacedCall[] = undo === undefined ? [] : [{ call: undo.call, path: at("undo"), use: "undo" }];
  return [{ call, path, use: "own" }, ...fallbacks, ...back, ...verify];
}

/** Of a step by its ids from the outside in, `notes/do`; in a called plan that of the call. */
export function stepPathOf({ steps }: Pick<PlanDefinition, "steps">, label: string): Path {
  let path: Path = ["steps"];
  let inside: readonly StepDefinition[] = steps;
  let around: StepDefinition | undefined;
  for (const id of label.split("/")) {
    const step = inside.find((one) => one.id === id);
    if (step === undefined) break;
    path = around?.kind === "each" || around?.kind === "repeat" ? stepPathIn(path, around, id) : [...path, id];
    if (step.kind !== "each" && step.kind !== "repeat") break;
    around = step;
    inside = step.body.steps;
  }
  return path;
}
