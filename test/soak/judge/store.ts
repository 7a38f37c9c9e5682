import type { Sample } from "../measured/record.ts";
import { slopeOf } from "./trend.ts";
import { mib, type Judgement, type Verdict } from "./verdict.ts";

// Whether the store grows with what is done, and by nothing else.

/** A step of the second half may take so many times the bytes of one of the first. */
const MAX_RATIO = 1.5;
/** SQLite copies the write-ahead log into the file at 8 MiB; a reader may hold it up for a while. */
const MAX_WAL_BYTES = 32 * 2 ** 20;
/** The file grows by what was copied at once: fewer say nothing. */
const LEAST_COPIES = 4;

export const judgeStore: Judgement = ({ samples }) => [bytesAStep(samples), wal(samples)];

function bytesAStep(samples: readonly Sample[]): Verdict {
  const half = samples.findIndex(({ steps }) => steps * 2 >= (samples.at(-1)?.steps ?? 0));
  const parts = [samples.slice(0, half), samples.slice(half)];
  const [first = NaN, second = NaN] = parts.map((part) =>
    slopeOf(part.map(({ steps, disk }) => ({ x: steps, y: disk.database + disk.blobs }))),
  );
  const isKnown = parts.every((part) => new Set(part.map(({ disk }) => disk.database)).size > LEAST_COPIES);
  return {
    claim: "the store grows with what is done",
    holds: isKnown ? second <= first * MAX_RATIO : undefined,
    found: `${second.toFixed(0)} bytes a step in the second half, ${first.toFixed(0)} in the first`,
    bound: `${MAX_RATIO} times`,
  };
}

function wal(samples: readonly Sample[]): Verdict {
  const most = Math.max(0, ...samples.map(({ disk }) => disk.wal));
  return {
    claim: "the write-ahead log is used again",
    holds: samples.length === 0 ? undefined : most <= MAX_WAL_BYTES,
    found: `${mib(most)} at most`,
    bound: mib(MAX_WAL_BYTES),
  };
}
