import type { CalledPlan, PlanDefinition, StepDefinition } from "#events/definition.ts";

// Where the steps of a plan stand, read from its definition and the paths that facts name. Written a second time, and for
// small plans only: a walk over all steps is no concern here.

/** One step on the way along a path. */
export interface Place {
  /** Path of the scope that the step is in; empty for the plan's own. */
  readonly scope: string;
  readonly id: string;
  readonly step: StepDefinition;
  /** Item or iteration that the path goes on into. */
  readonly member: number | undefined;
}

export function isUndoPath(path: string): boolean {
  return path.startsWith("undo:");
}

/** The path without its last step; empty for a step of the plan's own. */
export function scopeOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

export class Outline {
  readonly definition: PlanDefinition;

  constructor(definition: PlanDefinition) {
    this.definition = definition;
  }

  /** Every step on the way to this one, the plan's own first; shorter where the definition knows no such way. */
  places(path: string): readonly Place[] {
    const segments = path.split("/");
    const places: Place[] = [];
    let steps: readonly StepDefinition[] = this.definition.steps;
    for (let at = 0; at < segments.length;) {
      const scope = segments.slice(0, at).join("/");
      const id = idOf(segments[at] ?? "");
      const step = steps.find((known) => known.id === id);
      if (step === undefined) return places;
      const isNumbered = step.kind !== "call";
      const member = isNumbered && at + 1 < segments.length ? Number(segments[at + 1]) : undefined;
      places.push({ scope, id, step, member });
      steps = this.inside(step);
      at += isNumbered ? 2 : 1;
    }
    return places;
  }

  stepAt(path: string): StepDefinition | undefined {
    const last = this.places(path).at(-1);
    return last !== undefined && stepPath(last.scope, last.id) === path ? last.step : undefined;
  }

  /** Path of the step that a scope is inside of. */
  ownerOf(scope: string): string | undefined {
    const last = scope === "" ? undefined : this.places(scope).at(-1);
    return last === undefined ? undefined : stepPath(last.scope, last.id);
  }

  /** The steps of the scope that a step is in. */
  around(path: string): readonly StepDefinition[] {
    const owner = this.ownerOf(scopeOf(path));
    const step = owner === undefined ? undefined : this.stepAt(owner);
    return step === undefined ? this.definition.steps : this.inside(step);
  }

  /** Whether a step that fails for good stops the others of its scope. */
  stops(scope: string): boolean {
    const owner = this.ownerOf(scope);
    const step = owner === undefined ? undefined : this.stepAt(owner);
    if (step === undefined) return this.definition.onFailure !== "continue";
    return step.kind !== "call" || this.called(step.plan)?.onFailure !== "continue";
  }

  /** Whether one step was there when the other began, and so is taken back after it. */
  isBefore(one: string, other: string): boolean {
    const [first, second] = [this.places(one), this.places(other)];
    for (let depth = 0; depth < first.length; depth++) {
      const [a, b] = [first[depth], second[depth]];
      if (a === undefined || b === undefined) return false;
      if (a.id !== b.id) return this.stands(b, a.id);
      if (a.member !== b.member) return a.step.kind === "repeat" && (a.member ?? 0) < (b.member ?? 0);
    }
    return false;
  }

  /** The plan's own steps of a part of it. */
  part({ from, to }: { readonly from?: string | undefined; readonly to?: string | undefined }): ReadonlySet<string> {
    const { steps } = this.definition;
    const isIn = ({ id }: StepDefinition): boolean =>
      (from === undefined || id === from || reaches(steps, id, from)) &&
      (to === undefined || (id !== to && !reaches(steps, to, id)));
    return new Set(steps.filter(isIn).map(({ id }) => id));
  }

  /** Whether a step stands on another one of its scope, however far. */
  private stands({ scope, id }: Place, on: string): boolean {
    return reaches(this.around(stepPath(scope, id)), id, on);
  }

  private inside(step: StepDefinition): readonly StepDefinition[] {
    if (step.kind === "each" || step.kind === "repeat") return step.body.steps;
    return step.kind === "call" ? (this.called(step.plan)?.steps ?? []) : [];
  }

  private called(name: string): CalledPlan | undefined {
    return this.definition.calls?.[name];
  }
}

/** `notes~2` is the step `notes`, begun anew. */
function idOf(segment: string): string {
  return segment.split("~")[0] ?? "";
}

function stepPath(scope: string, id: string): string {
  return scope === "" ? id : `${scope}/${id}`;
}

/** Whether the first step needs the second, itself or through others. */
function reaches(steps: readonly StepDefinition[], from: string, to: string): boolean {
  const needs = steps.find(({ id }) => id === from)?.needs ?? [];
  return needs.includes(to) || needs.some((need) => reaches(steps, need, to));
}
