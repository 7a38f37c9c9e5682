// "Did you mean …": the candidate nearest by edit distance (Levenshtein 1966, with a swap of neighbours as one slip).
// A name too far from all of them gets no suggestion: a wrong one costs more than none.

const MAX_NAME_CHARS = 64;
const CHARS_PER_SLIP = 3;

/** Undefined when nothing is within one slip for each three characters; ties go to the first. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > MAX_NAME_CHARS) return undefined;
  let limit = name.length === 1 ? 0 : Math.max(1, Math.floor(name.length / CHARS_PER_SLIP));
  let nearest: string | undefined;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) > limit) continue;
    const slips = distance(name.toLowerCase(), candidate.toLowerCase());
    if (slips > limit) continue;
    nearest = candidate;
    if (slips === 0) break;
    limit = slips - 1;
  }
  return nearest;
}

function distance(left: string, right: string): number {
  let previous: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = at(row, j - 1) + (left[i - 1] === right[j - 1] ? 0 : 1);
      const isSwap = left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      const swapped = isSwap ? at(previous, j - 2) + 1 : replaced;
      next.push(Math.min(replaced, swapped, at(row, j) + 1, at(next, j - 1) + 1));
    }
    [previous, row] = [row, next];
  }
  return at(row, right.length);
}

/** Left of the table nothing is near. */
function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
