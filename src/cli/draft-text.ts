import type { Terminal } from "#src/cli/terminal.ts";
import { durationText, lineText, plural } from "#src/cli/text.ts";
import { changeGantt } from "#src/implementation/drafting/change-gantt.ts";
import { changeTable } from "#src/implementation/drafting/change-table.ts";
import { changeTree } from "#src/implementation/drafting/change-tree.ts";
import type { ShownDraft, ShownTotals } from "#src/implementation/drafting/shown-draft.ts";

// A draft for people: the changes in the forms that were asked for, who has to agree, what it is expected to take, and what stays open.
// Names come from files and models: each stands on one line, without anything that could steer the terminal.

export interface DraftForms {
  readonly table?: boolean;
  readonly tree?: boolean;
  readonly gantt?: boolean;
}

const MAX_OPEN = 50;
const MAX_PATH = 12;

type Paper = Pick<Terminal, "paint" | "columns">;

/** A table where no form is asked for. */
export function draftLines(
  { changes, approvals, open, totals }: ShownDraft,
  forms: DraftForms,
  paper: Paper,
): readonly string[] {
  const isAsked = forms.tree === true || forms.gantt === true;
  const isTable = forms.table === true || !isAsked;
  const shown = [
    ...(isTable ? [changeTable(changes, paper.columns)] : []),
    ...(forms.tree === true ? [changeTree(changes)] : []),
    ...(forms.gantt === true && totals !== null ? [changeGantt(changes, totals, paper.columns)] : []),
  ];
  return [
    ...(changes.length === 0 ? [] : shown.flatMap((text) => [...text.split("\n"), ""])),
    ...approvals.map(({ policy, role, approvers, changes: covered }) => {
      const who = role === undefined ? "somebody" : `the role ${role}`;
      const times = approvers === 1 ? who : `${approvers} of ${who}`;
      return `${paper.paint("bold", "approval")}: ${policy} of ${plural(covered.length, "change")}, by ${lineText(times, paper.columns)}`;
    }),
    ...(totals === null ? [] : totalsLines(totals, paper)),
    ...openLines(open, paper),
  ];
}

function totalsLines(totals: ShownTotals, paper: Paper): readonly string[] {
  const { p50Ms, p90Ms, workMs, workDeviationMs, criticalPath, parallel } = totals;
  const more = criticalPath.length - MAX_PATH;
  const path = `${criticalPath.slice(0, MAX_PATH).join(" -> ")}${more > 0 ? ` and ${more} more` : ""}`;
  return [
    `${paper.paint("bold", "estimate")}: half of all runs take ${durationText(p50Ms)} at most, nine of ten ${durationText(p90Ms)}, ` +
      "once approved and begun",
    `  work: ${durationText(workMs)}, give or take ${durationText(workDeviationMs)}; at most ${parallel} at once`,
    ...(path === "" ? [] : [`  critical path: ${path}`]),
  ];
}

function openLines(open: ShownDraft["open"], paper: Paper): readonly string[] {
  if (open.length === 0) return [];
  const more = open.length - MAX_OPEN;
  return [
    `${paper.paint("bold", "left open")}: ${plural(open.length, "gap")}`,
    ...open.slice(0, MAX_OPEN).map(({ requirement, code, reason }) => {
      return `  ${lineText(`${requirement}: ${reason}`, paper.columns - code.length - 6)} ${paper.paint("dim", `(${code})`)}`;
    }),
    ...(more > 0 ? [`  and ${more} more; --json has them`] : []),
  ];
}
