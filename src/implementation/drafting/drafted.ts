import type { ClassHistory } from "#projections/reference-class.ts";
import type { Change, Risk } from "#src/implementation/changes/change.ts";
import type { Assessment, Gap } from "#src/implementation/gaps/gap.ts";
import type { RequirementsFile } from "#src/implementation/requirements/requirement.ts";
import { coveredBy, type CoveringPolicy, type PolicySubject } from "./approvals.ts";
import { changeIds } from "./change-ids.ts";
import { chosenRemedies, type ChosenRemedy, type OpenGap, type PassedOver } from "./chosen-remedies.ts";
import { dependenciesOf } from "./dependencies.ts";
import { difficultyOf } from "./difficulty.ts";
import { Durations, type DurationEstimate } from "./durations.ts";
import type { Misfit } from "./misfit.ts";
import { NO_PROPOSAL } from "./proposal.ts";
import type { RemedyBody, RemedyOrigin, RemedySources } from "./remedy-body.ts";
import { NO_TEMPLATES } from "./template-remedy.ts";
import { wantedPart, type Wanted } from "./wanted-part.ts";

// From what an assessment found to changes with their dependencies: which gaps are closed, by what, in which order, and who has to agree.
//
// P1. Pure: the same assessment, file, templates and proposals give the same changes.
// P2. Every gap is a change or left open with a reason.

export interface Grounds extends Wanted {
  readonly assessment: Assessment;
  readonly file: RequirementsFile;
  readonly sources?: Partial<RemedySources>;
  /** How long finished changes took. */
  readonly history?: readonly ClassHistory[];
}

export interface DraftedChange {
  readonly change: Change;
  readonly origin: RemedyOrigin;
  readonly needs: readonly ChangeNeed[];
  readonly estimate: DurationEstimate;
  /** Lines that its actions write. */
  readonly lines: number;
  /** As policies are asked about them: the change, and what is done instead where it fails. */
  readonly variants: readonly PolicySubject[];
  readonly passedOver: readonly PassedOver[];
  /** Why it comes where it does, in the words of the assessment. */
  readonly reasons: readonly string[];
  /** Requirements that wait for its own. */
  readonly unblocks: readonly string[];
}

interface ChangeNeed {
  /** Id of a change. */
  readonly on: string;
  readonly kind: "declared" | "files" | "reads";
  readonly reason: string;
}

export interface Draft {
  readonly name: string;
  /** In the order in which they are merged. */
  readonly changes: readonly DraftedChange[];
  /** `covers` are places in `changes`. */
  readonly policies: readonly CoveringPolicy[];
  readonly open: readonly OpenGap[];
}

export type Drafted =
  | { readonly ok: true; readonly draft: Draft }
  | {
      readonly ok: false;
      readonly problems: readonly (Misfit & { readonly policy: string })[];
    };

export function drafted({ assessment, file, sources = {}, history, ...wanted }: Grounds): Drafted {
  const { proposal = () => NO_PROPOSAL, find = NO_TEMPLATES } = sources;
  const met = new Set(
    assessment.answers.flatMap(({ verdict, requirement }) => (verdict === "met" ? [requirement] : [])),
  );
  const gaps = assessment.gaps.slice(0, MAX_GAPS);
  const whole = chosenRemedies(gaps, met, { find, proposal });
  const { chosen, open } = wantedPart(whole.chosen, wanted);
  const durations = new Durations(history);
  const ids = changeIds(chosen.map(({ gap }) => gap.requirement.id));
  const made = chosen.map((one, place) => {
    const id = ids[place] ?? "";
    return changeOf(one, {
      id,
      priority: priorityOf(place, chosen.length),
      file,
      durations,
    });
  });
  const { order, needs } = dependenciesOf(
    chosen.map(({ gap, body, alternatives, needs: declared }) => ({
      ...{ requirement: gap.requirement.id, needs: declared, remedy: body.remedy.name },
      bodies: [body, ...alternatives].map(({ remedy, files, footprint }) => ({
        ...{ files, footprint },
        acceptance: remedy.acceptance ?? gap.requirement.check,
      })),
    })),
  );
  const changes = order.flatMap((place): readonly DraftedChange[] => {
    const one = made[place];
    const own = (needs[place] ?? []).map(({ on, ...need }) => ({
      on: ids[on] ?? "",
      ...need,
    }));
    return one === undefined ? [] : [{ ...one, needs: own }];
  });
  const covered = coveredBy(
    file.approvals,
    changes.map(({ variants }) => variants),
  );
  if (!covered.ok) return covered;
  const all = [...open, ...whole.open];
  return {
    ok: true,
    draft: {
      name: assessment.requirements,
      changes,
      policies: covered.policies,
      open: all,
    },
  };
}

const MAX_GAPS = 5_000;
/** Of steps of a plan. */
const MAX_PRIORITY = 1_000;
const MAX_TITLE_CHARS = 500;

/** The most urgent one has the highest, and no two have the same where there is room. */
function priorityOf(place: number, count: number): number {
  return count <= MAX_PRIORITY ? count - place : Math.max(1, Math.round((MAX_PRIORITY * (count - place)) / count));
}

interface Around {
  readonly id: string;
  readonly priority: number;
  readonly file: RequirementsFile;
  readonly durations: Durations;
}

function changeOf(chosen: ChosenRemedy, around: Around): Omit<DraftedChange, "needs"> {
  const { gap, body, alternatives, passedOver } = chosen;
  const { id, priority, file } = around;
  const own = wayOf(body, gap, around);
  const others = alternatives.map((one) => wayOf(one, gap, around));
  const change: Change = {
    ...own.words,
    ...{ id, gap: gap.requirement.id, weight: gap.requirement.weight, priority, workplace: file.workplace },
    ...(others.length === 0 ? {} : { alternatives: others.map(({ words }) => words) }),
  };
  const variants = [own, ...others].map(({ words, origin, lines }) => ({
    change: { ...change, ...words },
    origin,
    lines,
  }));
  const { reasons, unblocks } = gap;
  const { origin, estimate, lines } = own;
  return { change, variants, origin, estimate, lines, passedOver, reasons, unblocks };
}

/** One way to close a gap, in the words of a change. */
function wayOf(body: RemedyBody, gap: Gap, { durations }: Around) {
  const { remedy, name, title, files, actions, footprint, origin } = body;
  const acceptance = remedy.acceptance ?? gap.requirement.check;
  const difficulty = difficultyOf(body, acceptance);
  const said = { remedy: name, difficulty, files: [...files], actions: [...actions] };
  const estimate = durations.of(said, remedy);
  const words = {
    ...said,
    ...{ title: title.slice(0, MAX_TITLE_CHARS), estimate: estimate.points, risk: riskOf(body), acceptance },
    ...{ irreversible: remedy.irreversible ?? false, cost: remedy.cost ?? 0 },
  };
  return { words, origin, estimate, lines: footprint.lines };
}

/** What the remedy says, else what its actions are. */
function riskOf({ remedy, origin, footprint }: RemedyBody): Risk {
  if (remedy.risk !== undefined) return remedy.risk;
  if (remedy.irreversible === true) return "high";
  const removes = [...footprint.touches.values()].includes("removes");
  return origin === "model" || footprint.commands.length > 0 || removes ? "medium" : "low";
}
