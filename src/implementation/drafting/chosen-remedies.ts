import type { Gap } from "#src/implementation/gaps/gap.ts";
import { circlesIn } from "./circles.ts";
import type { Misfit } from "./misfit.ts";
import { MAX_CHANGE_BYTES, remedyBody, type RemedyBody, type RemedySources } from "./remedy-body.ts";

// Which gaps are closed, and by which of their remedies.
//
// R1. The first remedy that fits is taken: by itself, and because all that it and its requirement need is met or planned as well.
// R2. What is planned has no circle of needs. One that runs through what a remedy needs is broken by the next remedy; one of requirements
//     alone leaves all of them open.
// R3. Every gap is either planned or left open with a reason.

export interface ChosenRemedy {
  readonly gap: Gap;
  readonly body: RemedyBody;
  /** Requirements that have to be met before and are planned themselves. */
  readonly needs: readonly Need[];
  /** Remedies after it that fit, and need nothing that is still open: what is done instead where it fails. */
  readonly alternatives: readonly RemedyBody[];
  /** Remedies before this one, and why they were passed over. */
  readonly passedOver: readonly PassedOver[];
}

export interface Need {
  readonly requirement: string;
  readonly of: "requirement" | "remedy";
}

export interface PassedOver extends Misfit {
  readonly remedy: string;
}

export interface OpenGap extends Misfit {
  readonly requirement: string;
  readonly title: string;
  readonly passedOver: readonly PassedOver[];
}

export interface Choice {
  readonly chosen: readonly ChosenRemedy[];
  readonly open: readonly OpenGap[];
}

/** `met`: ids of all requirements that are met; of any other one nobody knows that it is. */
export function chosenRemedies(gaps: readonly Gap[], met: ReadonlySet<string>, sources: RemedySources): Choice {
  const candidates = gaps.map((gap) => new Candidate(gap, met, sources));
  const byId = new Map(candidates.map((one) => [one.id, one]));
  let isSettled = false;
  // Each round passes over a remedy at least, or leaves a gap open.
  while (!isSettled) {
    settleNeeds(candidates, byId, met);
    isSettled = !breakCircles(candidates, byId);
  }
  return {
    chosen: candidates.flatMap((one) => one.chosen() ?? []),
    open: candidates.flatMap((one) => one.open() ?? []),
  };
}

/** A gap and the remedy that it is at. */
class Candidate {
  readonly gap: Gap;
  readonly #met: ReadonlySet<string>;
  readonly #sources: RemedySources;
  readonly #passedOver: PassedOver[] = [];
  #at = 0;
  #open: Misfit | undefined;
  body: RemedyBody | undefined;
  /** On requirements that are not met. */
  needs: readonly Need[] = [];

  constructor(gap: Gap, met: ReadonlySet<string>, sources: RemedySources) {
    this.gap = gap;
    this.#met = met;
    this.#sources = sources;
    this.#look();
  }

  get id(): string {
    return this.gap.requirement.id;
  }

  get isPlanned(): boolean {
    return this.body !== undefined && this.#open === undefined;
  }

  /** To the next remedy. */
  passOver(misfit: Misfit): void {
    this.#passedOver.push({
      remedy: this.gap.requirement.remedies[this.#at]?.name ?? "",
      ...misfit,
    });
    this.#at += 1;
    this.#look();
  }

  leaveOpen(misfit: Misfit): void {
    this.#open ??= misfit;
    this.body = undefined;
  }

  chosen(): ChosenRemedy | undefined {
    const { body, gap } = this;
    if (body === undefined) return undefined;
    const { needs } = this;
    return { gap, body, needs, alternatives: this.#alternatives(), passedOver: this.#passedOver };
  }

  open(): OpenGap | undefined {
    if (this.#open === undefined) return undefined;
    const { id, title } = this.gap.requirement;
    return {
      requirement: id,
      title,
      ...this.#open,
      passedOver: this.#passedOver,
    };
  }

  #alternatives(): readonly RemedyBody[] {
    let bytes = this.body?.footprint.bytes ?? 0;
    return this.gap.requirement.remedies.slice(this.#at + 1).flatMap((remedy) => {
      const isFree = remedy.needs.every(
        (need) => this.#met.has(need) || this.needs.some((own) => own.requirement === need),
      );
      const fit = isFree ? remedyBody(this.gap, remedy, this.#sources) : undefined;
      if (fit?.ok !== true || bytes + fit.body.footprint.bytes > MAX_CHANGE_BYTES) return [];
      bytes += fit.body.footprint.bytes;
      return [fit.body];
    });
  }

  #look(): void {
    const { requirement } = this.gap;
    for (; this.#at < requirement.remedies.length; this.#at += 1) {
      const remedy = requirement.remedies[this.#at];
      if (remedy === undefined) continue;
      const fit = remedyBody(this.gap, remedy, this.#sources);
      if (fit.ok) {
        this.body = fit.body;
        this.needs = [
          ...requirement.needs.map((need): Need => ({
            requirement: need,
            of: "requirement",
          })),
          ...remedy.needs.map((need): Need => ({
            requirement: need,
            of: "remedy",
          })),
        ];
        return;
      }
      this.#passedOver.push({
        remedy: remedy.name,
        code: fit.code,
        reason: fit.reason,
      });
    }
    this.leaveOpen(noneLeft(requirement.remedies.length, this.#passedOver));
  }
}

function noneLeft(remedies: number, passedOver: readonly PassedOver[]): Misfit {
  if (remedies === 0)
    return {
      code: "gap-without-remedy",
      reason: "its requirement names no remedy",
    };
  const told = passedOver.map(({ remedy, reason }) => `${remedy}: ${reason}`);
  return { code: "no-remedy-fits", reason: told.join("; ") };
}

/** R1: until nothing that is planned needs what is neither met nor planned. */
function settleNeeds(
  candidates: readonly Candidate[],
  byId: ReadonlyMap<string, Candidate>,
  met: ReadonlySet<string>,
): void {
  const waiting = new Map<string, Candidate[]>();
  const open = [...candidates];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    while (one.isPlanned) {
      one.needs = one.needs.filter(({ requirement }) => !met.has(requirement));
      const missing = one.needs.find(({ requirement }) => byId.get(requirement)?.isPlanned !== true);
      if (missing === undefined) break;
      const misfit = missingNeed(missing, byId.has(missing.requirement));
      if (missing.of === "remedy") one.passOver(misfit);
      else one.leaveOpen(misfit);
    }
    for (const { requirement } of one.isPlanned ? one.needs : []) {
      waiting.set(requirement, [...(waiting.get(requirement) ?? []), one]);
    }
    if (one.isPlanned) continue;
    open.push(...(waiting.get(one.id) ?? []));
    waiting.delete(one.id);
  }
}

function missingNeed({ requirement, of }: Need, isGap: boolean): Misfit {
  const who = of === "requirement" ? "it needs" : "the remedy needs";
  const why = isGap ? "which stays open" : "which is neither met nor planned";
  return { code: "needs-open", reason: `${who} ${requirement}, ${why}` };
}

/** R2. Whether there was one. */
function breakCircles(candidates: readonly Candidate[], byId: ReadonlyMap<string, Candidate>): boolean {
  const planned = candidates.filter(({ isPlanned }) => isPlanned);
  const numbers = new Map(planned.map(({ id }, number) => [id, number]));
  const circles = circlesIn(
    planned.map(({ needs }) => needs.flatMap(({ requirement }) => numbers.get(requirement) ?? [])),
  );
  for (const circle of circles) {
    const members = circle.flatMap((number) => planned[number] ?? []);
    const ids = new Set(members.map(({ id }) => id));
    const reason = `a circle of needs: ${members
      .slice(0, MAX_NAMED)
      .map(({ id }) => id)
      .join(", ")}`;
    const byRemedy = members.find(({ needs }) =>
      needs.some((need) => need.of === "remedy" && ids.has(need.requirement)),
    );
    if (byRemedy !== undefined) byId.get(byRemedy.id)?.passOver({ code: "remedy-in-circle", reason });
    else for (const member of members) member.leaveOpen({ code: "cyclic-needs", reason });
  }
  return circles.length > 0;
}

const MAX_NAMED = 10;
