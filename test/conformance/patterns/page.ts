// docs/workflow-patterns.md as the tests read it: what its table says of each pattern, and the plan under each heading. The
// page is the only place where these plans stand.
import { codeBlocks } from "../../readme/markdown.ts";
import { readText } from "../../tidy/tree.ts";

const PAGE = "docs/workflow-patterns.md";

export interface Row {
  readonly pattern: number;
  readonly name: string;
  readonly verdict: string;
  readonly reason: string;
}

const ROW = /^\| (?:\[(\d+)\]\(#[^)]*\)|(\d+)) +\| (.+?) +\| (.+?) +\| (.+?) +\|$/gm;
const HEADING = /^### WCP-(\d+) (.+)$/gm;

/** The table's rows, in their order. */
export function rowsOf(page: string): Row[] {
  return [...page.matchAll(ROW)].map(([, linked, bare, name = "", verdict = "", reason = ""]) => ({
    pattern: Number(linked ?? bare),
    name,
    verdict,
    reason,
  }));
}

export interface ShownPlan {
  readonly pattern: number;
  readonly name: string;
  readonly text: string;
}

/** The plans under their headings. Throws where a heading has more or less than one. */
export function plansOf(page: string): ShownPlan[] {
  const headings = [...page.matchAll(HEADING)];
  return headings.map(({ 0: line, 1: number, 2: name = "", index }, at) => {
    const blocks = codeBlocks(page.slice(index, headings[at + 1]?.index)).filter(({ language }) => language === "yaml");
    const [plan] = blocks;
    if (plan === undefined || blocks.length > 1) throw new Error(`"${line}" has ${blocks.length} plans, not one`);
    return { pattern: Number(number), name, text: plan.text };
  });
}

export const page = readText(PAGE);
