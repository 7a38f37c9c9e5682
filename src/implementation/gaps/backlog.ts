// What the history says is missing: requests that were refused because no tool could do them, and tools that keep failing. Each becomes a
// requirement with a check of its own, so that the list is assessed, ranked and closed like any other.
//
// B1. Requests that differ in numbers, quoted texts and spaces alone are one wish; how often it was made is its weight.
// B2. Only refusals for want of a capability count: one for a contradiction, or a budget, is no gap of the system.
// B3. A tool counts from LEAST_ATTEMPTS on: a single failure is chance.
// B4. The same history gives the same list. What people wrote is data here: it is quoted, and bounded.

import { shortText } from "#src/implementation/short-text.ts";
import type { RequestRow } from "#projections/requests-view.ts";
import type { ToolReport } from "#projections/tool-statistics.ts";
import { newestOf } from "#src/implementation/checks/check-tool.ts";
import { requirement, type Requirement } from "#src/implementation/requirements/requirement.ts";

const WANTING: ReadonlySet<string> = new Set(["out-of-scope", "no-tools"]);
const LEAST_ATTEMPTS = 3;
const SUCCEEDS = 0.9;
const MAX_ENTRIES = 200;
const MAX_WEIGHT = 20;
const MAX_TITLE_CHARS = 200;
const MAX_REQUEST_CHARS = 4_000;
const MAX_ID_CHARS = 40;

export interface Past {
  readonly requests: readonly RequestRow[];
  readonly reports: readonly ToolReport[];
}

/** The heaviest first. */
export function backlogOf({ requests, reports }: Past): readonly Requirement[] {
  const wanted = [...wishesIn(requests), ...failingOf(reports)];
  const ids = new Set<string>();
  return wanted
    .toSorted((a, b) => b.weight - a.weight || compare(a.title, b.title))
    .slice(0, MAX_ENTRIES)
    .map(({ name, ...one }) => requirement.parse({ id: freeId(name, ids), ...one }));
}

interface Wanted {
  readonly name: string;
  readonly title: string;
  readonly why: string;
  readonly weight: number;
  readonly risk: "low" | "medium" | "high";
  readonly check: Requirement["check"];
}

/** B1, B2. */
function wishesIn(requests: readonly RequestRow[]): readonly Wanted[] {
  const wishes = new Map<string, RequestRow[]>();
  for (const row of requests) {
    if (row.refused === undefined || !WANTING.has(row.refused.code) || row.request.trim() === "") continue;
    const key = alike(row.request);
    wishes.set(key, [...(wishes.get(key) ?? []), row]);
  }
  return [...wishes].map(([key, rows]) => wishOf(key, rows));
}

function wishOf(key: string, rows: readonly RequestRow[]): Wanted {
  const last = rows.reduce((newest, row) => (row.at > newest.at ? row : newest));
  const request = last.request.trim().slice(0, MAX_REQUEST_CHARS);
  return {
    name: `can_${key}`,
    title: `What is asked like this can be done: ${shortened(request)}`,
    why: `refused ${rows.length} times, the last time with ${last.refused?.code ?? ""}: ${shortened(last.refused?.message ?? "")}`,
    weight: Math.min(rows.length, MAX_WEIGHT),
    risk: "low",
    check: { kind: "request", request },
  };
}

/** B3. */
function failingOf(reports: readonly ToolReport[]): readonly Wanted[] {
  const names = [...new Set(reports.map(({ tool }) => tool))];
  return names.flatMap((tool): readonly Wanted[] => {
    const report = newestOf(tool, reports);
    if (report?.successShare === undefined || report.attempts < LEAST_ATTEMPTS) return [];
    return report.successShare >= SUCCEEDS ? [] : [failing(report)];
  });
}

function failing(report: ToolReport): Wanted {
  const { tool, version, attempts, succeeded, failed, timedOut, lost } = report;
  const often = Object.entries({
    ...failed,
    timeout: (failed.timeout ?? 0) + timedOut,
    unavailable: (failed.unavailable ?? 0) + lost,
  })
    .filter(([, count]) => count > 0)
    .map(([category, count]) => `${category} ${count} times`);
  return {
    name: `works_${tool}`,
    title: `The tool ${tool} succeeds`,
    why: `${tool}@${version} succeeded in ${succeeded} of ${attempts} attempts: ${often.join(", ")}`,
    weight: Math.min(attempts - succeeded, MAX_WEIGHT),
    risk: "medium",
    check: { kind: "tool", tool, succeeds: SUCCEEDS },
  };
}

/** B1. */
function alike(request: string): string {
  return request
    .toLowerCase()
    .replaceAll(/"[^"]*"|“[^”]*”|\d+(?:[.,]\d+)*/gu, "#")
    .replaceAll(/\s+/gu, " ")
    .trim();
}

function freeId(name: string, taken: Set<string>): string {
  const words = name.replaceAll(/[^A-Za-z0-9]+/gu, "_").replaceAll(/^_+|_+$/gu, "");
  const plain = words.slice(0, MAX_ID_CHARS).replace(/_+$/u, "");
  let id = plain;
  for (let number = 2; taken.has(id); number += 1) id = `${plain}_${number}`;
  taken.add(id);
  return id;
}

function shortened(text: string): string {
  return shortText(text.replaceAll(/\s+/gu, " "), MAX_TITLE_CHARS);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
