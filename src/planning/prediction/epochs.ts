import { mulberry32 } from "#src/planning/seeded-numbers.ts";

// In which order examples are learned from: another one in each epoch, so that no last one has the last word, and the same in each
// training, so that the same examples make the same model. Steps grow smaller to the end.

/** Calls with every index below the length, once an epoch, and the rate of that epoch. */
export function inEpochs(
  length: number,
  { epochs, rate }: { readonly epochs: number; readonly rate: number },
  visit: (index: number, rate: number) => void,
): void {
  const course = { epochs, lastShare: LAST_RATE_SHARE, random: mulberry32(epochs) };
  for (const { index, share } of visits(length, course)) visit(index, rate * share);
}

const LAST_RATE_SHARE = 0.1;

interface Visit {
  readonly index: number;
  /** Of the first rate, what is left. */
  readonly share: number;
}

interface Course {
  readonly epochs: number;
  /** About what is left of the first rate in the end. */
  readonly lastShare: number;
  readonly random: () => number;
}

/** The same one by one, for whoever stops in between. */
export function* visits(length: number, { epochs, lastShare, random }: Course): Generator<Visit> {
  const order = Uint32Array.from({ length }, (_, index) => index);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    shuffle(order, random);
    const share = 1 - (1 - lastShare) * (epoch / epochs);
    for (const index of order) yield { index, share };
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
