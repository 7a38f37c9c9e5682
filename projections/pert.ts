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
/** Pieces of the distribution whose shares are summed up: an error of less than a thousandth of the range. */
const PIECES = 400;

export function meanOf({ optimisticMs, likelyMs, pessimisticMs }: ThreePoints): number {
  return (optimisticMs + MODE_WEIGHT * likelyMs + pessimisticMs) / (MODE_WEIGHT + 2);
}

/** The classical one, a sixth of the range as the standard deviation. */
export function varianceOf({ optimisticMs, pessimisticMs }: ThreePoints): number {
  return ((pessimisticMs - optimisticMs) / 6) ** 2;
}

export function quantilesOf(points: ThreePoints): Quantiles {
  return { p50: quantileIn(points, 0.5), p90: quantileIn(points, 0.9) };
}

/** The duration that so great a share (0 to 1) stays below. */
export function quantileIn({ optimisticMs, likelyMs, pessimisticMs }: ThreePoints, share: number): number {
  const range = pessimisticMs - optimisticMs;
  if (range <= 0) return likelyMs;
  const [at = 1] = quantilesAt((likelyMs - optimisticMs) / range, [share]);
  return optimisticMs + range * at;
}

/** Between 0 and 1 with the mode there; the shares in rising order. */
export function quantilesAt(mode: number, shares: readonly number[]): readonly number[] {
  const densities = Array.from({ length: PIECES }, (_, piece) => {
    const at = (piece + 0.5) / PIECES;
    return at ** (MODE_WEIGHT * mode) * (1 - at) ** (MODE_WEIGHT * (1 - mode));
  });
  const whole = densities.reduce((sum, one) => sum + one, 0);
  let [piece, below] = [0, 0];
  return shares.map((share) => {
    const wanted = share * whole;
    for (; piece < PIECES && below + (densities[piece] ?? 0) < wanted; piece += 1) below += densities[piece] ?? 0;
    const one = densities[piece] ?? 0;
    return Math.min(1, (piece + (one === 0 ? 0 : (wanted - below) / one)) / PIECES);
  });
}
