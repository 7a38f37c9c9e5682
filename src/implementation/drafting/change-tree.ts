import { cell, shortDuration } from "./change-table.ts";
import type { ShownChange } from "./shown-draft.ts";

// Changes as a tree of what comes before what: each stands once, below the one that it waits for last.
// All its needs are named there with their reasons, so that nothing is lost of what is no tree.

const MAX_LINES = 1_000;
const MAX_INDENT = 20;

export function changeTree(changes: readonly ShownChange[]): string {
  const places = new Map(changes.map(({ id }, place) => [id, place]));
  const children = new Map<number, number[]>();
  changes.forEach(({ needs }, place) => {
    const parent = Math.max(ROOT, ...needs.map(({ on }) => places.get(on) ?? ROOT));
    children.set(parent, [...(children.get(parent) ?? []), place]);
  });
  const lines: string[] = [];
  let listed = 0;
  const open = (children.get(ROOT) ?? []).map((place) => ({ place, indent: 0 })).reverse();
  for (let next = open.pop(); next !== undefined && lines.length < MAX_LINES; next = open.pop()) {
    const { place, indent } = next;
    const one = changes[place];
    if (one === undefined) continue;
    listed += 1;
    lines.push(...linesOf(one, "  ".repeat(Math.min(indent, MAX_INDENT))));
    open.push(...(children.get(place) ?? []).map((child) => ({ place: child, indent: indent + 1 })).reverse());
  }
  const more = changes.length - listed;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join("\n");
}

const ROOT = -1;
const AFTER = "after ";

function linesOf(change: ShownChange, indent: string): readonly string[] {
  const { id, title, risk, difficulty, estimate, needs } = change;
  const about = `${risk} risk, difficulty ${difficulty.level}, ${shortDuration(estimate.points.likelyMs)}`;
  return [
    `${indent}${cell(id)}: ${cell(title)} (${about})`,
    ...needs.map(({ on, reason }) => `${indent}    ${AFTER}${cell(on)}: ${reason}`),
  ];
}
