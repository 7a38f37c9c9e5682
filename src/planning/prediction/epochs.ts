// In which order examples are learned from: another one in each epoch, so that no last one has the last word, and the same in each
// training, so that the same examples make the same model. Steps grow smaller to the end.

const MIX = 0x6d2b79f5;
const LAST_RATE_SHARE = 0.1;

/** Calls with every index below the length, once an epoch, and the rate of that epoch. */
export function inEpochs(
  length: number,
  { epochs, rate }: { readonly epochs: number; readonly rate: number },
  visit: (index: number, rate: number) => void,
): void {
  const random = mulberry32(epochs);
  const order = Uint32Array.from({ length }, (_, index) => index);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    shuffle(order, random);
    const now = rate * (1 - (1 - LAST_RATE_SHARE) * (epoch / epochs));
    for (const index of order) visit(index, now);
  }
}

/** Fisher and Yates. */
function shuffle(order: Uint32Array, random: () => number): void {
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    const one = order[at] ?? 0;
    order[at] = order[other] ?? 0;
    order[other] = one;
  }
}

/** Tommy Ettinger's generator of 32 bits: numbers of [0, 1), the same for the same seed. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + MIX) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
