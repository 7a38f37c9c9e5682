// The table that `npm run workflows` prints.

export interface Line {
  readonly workflow: string;
  readonly tasks: number;
  readonly edges: number;
  readonly slots: number;
  readonly criticalPathMs: number;
  readonly makespanMs: number;
  /** Of list scheduling, without a stop. */
  readonly boundMs: number;
  readonly facts: number;
  readonly wallMs: number;
  readonly stopped?: string;
  readonly violations: readonly string[];
}

const COLUMNS = [44, 6, 6, 6, 12, 12, 12, 6, 8] as const;
export const HEADING = spread([
  "workflow",
  "tasks",
  "edges",
  "slots",
  "chain s",
  "makespan s",
  "at most s",
  "facts",
  "wall ms",
]);

export function row(line: Line): string {
  const times = [line.criticalPathMs, line.makespanMs, line.boundMs].map(seconds);
  const counts = [line.tasks, line.edges, line.slots].map(String);
  const told = spread([line.workflow, ...counts, ...times, String(line.facts), line.wallMs.toFixed(0)]);
  return line.stopped === undefined ? told : `${told}  ${line.stopped}`;
}

export function total(lines: readonly Line[]): string {
  const sum = (of: (line: Line) => number): number => lines.reduce((sofar, line) => sofar + of(line), 0);
  const counts = `${sum((line) => line.tasks)} tasks, ${sum((line) => line.edges)} edges, ${sum((line) => line.facts)} facts`;
  const times = `${seconds(sum((line) => line.makespanMs))} s of virtual time in ${seconds(sum((line) => line.wallMs))} s`;
  const broken = lines.filter((line) => line.violations.length > 0).length;
  const verdict = broken === 0 ? "no violation" : `${broken} of them wrong`;
  return `${lines.length} workflows, ${counts}, ${times}, ${verdict}`;
}

function spread(cells: readonly string[]): string {
  return cells
    .map((cell, column) => (column === 0 ? cell.padEnd(COLUMNS[0]) : cell.padStart(COLUMNS[column] ?? 0)))
    .join(" ");
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
