// "Did you mean …": the candidate with the smallest edit distance (optimal string alignment: insertion, deletion,
// substitution and a swap of neighbours cost one each), if it is close enough to be a slip of the hand.

const MAX_COMPARED_CHARS = 100;
const CHARS_PER_SLIP = 3;

/** Undefined when nothing is within one slip for each three characters. Ties go to the first candidate. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const wanted = name.slice(0, MAX_COMPARED_CHARS).toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / CHARS_PER_SLIP)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) >= bestDistance) continue;
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const change = at(last, column - 1) + (same ? 0 : 1);
      const step = Math.min(at(last, column) + 1, at(current, column - 1) + 1, change);
      current.push(swapped ? Math.min(step, at(beforeLast, column - 2) + 1) : step);
    }
    [beforeLast, last] = [last, current];
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
