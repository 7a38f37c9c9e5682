import type { Action } from "#src/implementation/changes/action.ts";
import type { Gap } from "#src/implementation/gaps/gap.ts";
import type { Remedy } from "#src/implementation/requirements/requirement.ts";
import { flawOfEstimate } from "./durations.ts";
import { escapedPattern, fitsPatterns, flawOfPath, flawOfPattern } from "./file-patterns.ts";
import { footprintOf, type Footprint } from "./footprint.ts";
import type { Misfit } from "./misfit.ts";
import type { Proposal } from "./proposal.ts";
import { remedyByTemplate, type FindTemplate } from "./template-remedy.ts";

// What a remedy of a gap comes to: actions and the files that they may touch, wherever they come from (the file of requirements, a
// template, a language model), or why it cannot be used.
//
// B1. The same rules for all three: paths stay inside, and what is touched is declared.

/** Of all that a change writes: it is in the plan, in facts, and before whoever approves. */
export const MAX_CHANGE_BYTES = 1024 * 1024;
/** Of one text: what the language of plans takes, with room for what has to be escaped in it. */
const MAX_ACTION_CHARS = 200_000;

const MAX_ACTIONS = 500;
const MAX_FILES = 500;

export type RemedyOrigin = "actions" | "template" | "model";

export interface RemedyBody {
  readonly remedy: Remedy;
  readonly origin: RemedyOrigin;
  /** As the change has it: the remedy's own, or `model:NAME`. */
  readonly name: string;
  readonly title: string;
  readonly files: readonly string[];
  readonly actions: readonly Action[];
  readonly footprint: Footprint;
}

export interface RemedySources {
  readonly find: FindTemplate;
  /** What a model has proposed for it, or why there is nothing. */
  readonly proposal: (gap: Gap, remedy: Remedy) => Proposal;
}

export type RemedyFit = { readonly ok: true; readonly body: RemedyBody } | ({ readonly ok: false } & Misfit);

export function remedyBody(gap: Gap, remedy: Remedy, sources: RemedySources): RemedyFit {
  const raw = rawOf(gap, remedy, sources);
  if ("code" in raw) return { ok: false, ...raw };
  const { actions, origin, name, title = remedy.title ?? gap.requirement.title } = raw;
  const footprint = footprintOf(actions);
  const declared = raw.files.length > 0 ? raw.files : remedy.files;
  const flaw = flawOfEstimate(remedy) ?? flawOf(footprint, declared) ?? flawOfSize(actions, footprint, declared);
  if (flaw !== undefined) return { ok: false, ...flaw };
  const files = declared.length > 0 ? declared : [...footprint.touches.keys()].map(escapedPattern);
  return {
    ok: true,
    body: { remedy, origin, name, title, files, actions, footprint },
  };
}

interface Raw {
  readonly origin: RemedyOrigin;
  readonly name: string;
  readonly title?: string;
  readonly files: readonly string[];
  readonly actions: readonly Action[];
}

function rawOf(gap: Gap, remedy: Remedy, { find, proposal }: RemedySources): Raw | Misfit {
  const { name, actions, template, ask, files } = remedy;
  const said = [actions, template, ask].filter((way) => way !== undefined);
  if (said.length !== 1 || actions?.length === 0) {
    const reason = `it has ${said.length > 1 ? "more than one" : "none"} of actions, template and ask`;
    return { code: "remedy-unclear", reason };
  }
  if (actions !== undefined) return { origin: "actions", name, files, actions };
  if (template !== undefined) return templated(template, remedy, find);
  const given = proposal(gap, remedy);
  return "code" in given ? given : { ...given, origin: "model", name: `model:${given.model}`, files };
}

function templated(template: string, remedy: Remedy, find: FindTemplate): Raw | Misfit {
  const made = remedyByTemplate(template, remedy.with ?? {}, find);
  if (typeof made === "string") return { code: "remedy-template-unfit", reason: made };
  const { name, files } = remedy;
  // What the requirement declares is nearer than what a template of somebody else does.
  return { ...made, origin: "template", name, files: files.length > 0 ? files : (made.files ?? []) };
}

/** B1. */
function flawOf({ touches, commands }: Footprint, declared: readonly string[]): Misfit | undefined {
  for (const pattern of declared) {
    const flaw = flawOfPattern(pattern);
    if (flaw !== undefined) return { code: "remedy-files-unfit", reason: flaw };
  }
  for (const path of touches.keys()) {
    const flaw = flawOfPath(path);
    if (flaw !== undefined)
      return {
        code: "remedy-files-unfit",
        reason: `${JSON.stringify(path)}: ${flaw}`,
      };
  }
  const fits = fitsPatterns(declared);
  const undeclared = declared.length === 0 ? undefined : [...touches.keys()].find((path) => !fits(path));
  if (undeclared !== undefined) {
    const reason = `its actions touch ${JSON.stringify(undeclared)}, which its files do not name`;
    return { code: "remedy-undeclared-files", reason };
  }
  if (declared.length === 0 && touches.size === 0) {
    const what = commands.length === 0 ? "its actions touch nothing" : "it runs commands";
    return {
      code: "remedy-without-files",
      reason: `${what} and does not say which files it may touch`,
    };
  }
  return undefined;
}

/** Of a path that actions name each has a pattern of its own where none is declared. */
function flawOfSize(
  actions: readonly Action[],
  { touches, bytes, longestChars }: Footprint,
  declared: readonly string[],
): Misfit | undefined {
  const files = declared.length > 0 ? declared.length : touches.size;
  if (bytes > MAX_CHANGE_BYTES || longestChars > MAX_ACTION_CHARS) {
    const most = `${MAX_CHANGE_BYTES} bytes, and ${MAX_ACTION_CHARS} characters in one action`;
    return {
      code: "remedy-too-large",
      reason: `it writes ${bytes} bytes; a change writes at most ${most}`,
    };
  }
  if (actions.length <= MAX_ACTIONS && files <= MAX_FILES) return undefined;
  const reason = `it has ${actions.length} actions on ${files} patterns of files; a change has at most ${MAX_ACTIONS} of each`;
  return { code: "remedy-too-large", reason };
}
