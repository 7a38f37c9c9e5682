// A duration that is known by three points: the least, the likeliest and the greatest that somebody expects. It is distributed as PERT has
// it (Malcolm, Roseboom, Clark, Fazar: "Application of a technique for research and development program evaluation", Operations Research
// 7(5), 1959): a beta distribution between the outer points, with its mode at the likeliest and (o + 4l + p) / 6 as its mean.

/** In ms, from least to greatest. */
export type ThreePoints = {
  readonly optimisticMs: number;
  readonly likelyMs: number;
  readonly pessimisticMs: number;
};

export interface Quantiles {
  readonly p50: number;
  readonly p90: number;
}

/** How strongly the mode counts beside the outer points. */
const MODE_WEIGHT = 4;
/** Pieces of the distribution whose shares are summed up: the error is far below that of any estimate. */
const PIECES = 400;

export function meanOf({ optimisticMs, likelyMs, pessimisticMs }: ThreePoints): number {
  return (optimisticMs + MODE_WEIGHT * likelyMs + pessimisticMs) / (MODE_WEIGHT + 2);
}

export function quantilesOf(points: ThreePoints): Quantiles {
  return { p50: quantileIn(points, 0.5), p90: quantileIn(points, 0.9) };
}

/** The duration that so great a share (0 to 1) stays below. */
export function quantileIn({ optimisticMs, likelyMs, pessimisticMs }: ThreePoints, share: number): number {
  const range = pessimisticMs - optimisticMs;
  if (range <= 0) return likelyMs;
  const left = (MODE_WEIGHT * (likelyMs - optimisticMs)) / range;
  const right = (MODE_WEIGHT * (pessimisticMs - likelyMs)) / range;
  const shares = Array.from({ length: PIECES }, (_, piece) => {
    const at = (piece + 0.5) / PIECES;
    return at ** left * (1 - at) ** right;
  });
  let wanted = share * shares.reduce((sum, one) => sum + one, 0);
  for (const [piece, one] of shares.entries()) {
    if (wanted <= one) return optimisticMs + (range * (piece + (one === 0 ? 0 : wanted / one))) / PIECES;
    wanted -= one;
  }
  return pessimisticMs;
}
