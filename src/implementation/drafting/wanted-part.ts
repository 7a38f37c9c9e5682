import type { RequirementsFile } from "#src/implementation/requirements/requirement.ts";
import type { ChosenRemedy, OpenGap } from "./chosen-remedies.ts";

// The part of all changes that somebody wants now: by name, or the most urgent ones. What they need comes with them, as a part that
// lacked that could not be carried out.

export interface Wanted {
  /** Ids of requirements. Default: all of them. */
  readonly only?: readonly string[] | undefined;
  /** Changes at most. */
  readonly max?: number | undefined;
}

interface WantedPart {
  readonly chosen: readonly ChosenRemedy[];
  readonly open: readonly OpenGap[];
}

/** `chosen` is the most urgent one first. */
export function wantedPart(chosen: readonly ChosenRemedy[], { only, max = Infinity }: Wanted): WantedPart {
  const byId = new Map(chosen.map((one) => [one.gap.requirement.id, one]));
  const names = only === undefined ? undefined : new Set(only);
  const asked = chosen.filter(({ gap }) => names?.has(gap.requirement.id) ?? true);
  const taken = new Set<string>();
  for (const one of asked) {
    const together = withNeeds(one, byId, taken);
    if (taken.size + together.length <= max) for (const id of together) taken.add(id);
  }
  const left = chosen.filter(({ gap }) => !taken.has(gap.requirement.id));
  return {
    chosen: chosen.filter(({ gap }) => taken.has(gap.requirement.id)),
    open: left.map(({ gap: { requirement }, passedOver }) => {
      const isOver = names?.has(requirement.id) ?? true;
      return {
        requirement: requirement.id,
        title: requirement.title,
        passedOver,
        ...(isOver ? OVER : NOT_ASKED),
      };
    }),
  };
}

const OVER = {
  code: "beyond-max",
  reason: "there are as many changes as were asked for",
};
const NOT_ASKED = {
  code: "not-asked-for",
  reason: "only others were asked for",
};

/** Those that are not taken yet. */
function withNeeds(
  one: ChosenRemedy,
  byId: ReadonlyMap<string, ChosenRemedy>,
  taken: ReadonlySet<string>,
): readonly string[] {
  const together = new Set<string>();
  const open = [one];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { id } = next.gap.requirement;
    if (taken.has(id) || together.has(id)) continue;
    together.add(id);
    open.push(...next.needs.flatMap(({ requirement }) => byId.get(requirement) ?? []));
  }
  return [...together];
}

/** Ids of requirements with all that they need, directly or not. */
export function withTheirNeeds(only: readonly string[], { capabilities }: RequirementsFile): ReadonlySet<string> {
  const needs = new Map(
    capabilities.map((one) => [one.id, [...one.needs, ...one.remedies.flatMap((remedy) => remedy.needs)]]),
  );
  const together = new Set<string>();
  const open = [...only];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (together.has(id)) continue;
    together.add(id);
    open.push(...(needs.get(id) ?? []));
  }
  return together;
}
