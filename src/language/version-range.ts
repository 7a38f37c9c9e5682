import semver from "semver";
import type { Remark } from "./finding.ts";

// `name@range`, as plans are called and templates extended: which of the versions there are is meant.

export interface Reference {
  readonly name: string;
  /** `*` where none is written. */
  readonly range: string;
}

export function readReference(text: string): Reference {
  const at = text.indexOf("@");
  return at < 0 ? { name: text, range: "*" } : { name: text.slice(0, at), range: text.slice(at + 1) };
}

/** Undefined where the range is one. Code: bad-version-range. */
export function rangeProblem(range: string): Remark | undefined {
  if (semver.validRange(range) !== null) return undefined;
  return { code: "bad-version-range", message: `${JSON.stringify(range)} is no range of versions, such as ^1.2` };
}

/** Of things with versions the newest in the range; undefined where there is none. */
export function newestOf<T>(found: readonly T[], version: (one: T) => string, range: string): T | undefined {
  const versions = found.map(version);
  const newest = semver.maxSatisfying(versions, range, { includePrerelease: true });
  return newest === null ? undefined : found[versions.indexOf(newest)];
}
