import { nameOf } from "../code-path.ts";
import type { Lock } from "./locks/lock.ts";

const MIB = 1024 * 1024;
/** The parser of JSON is native; those of YAML and TOML take about a second a MiB and hold many times the text. */
const MAX_JSON_BYTES = 32 * MIB;
const MAX_OTHER_BYTES = 4 * MIB;

export interface LockParser {
  readonly maxBytes: number;
  readonly load: () => Promise<(text: string) => Lock>;
}

/** Undefined for what is no lockfile. */
export function lockParserOf(path: string): LockParser | undefined {
  return PARSERS.get(nameOf(path));
}

const npm: LockParser = { maxBytes: MAX_JSON_BYTES, load: async () => (await import("./locks/npm-lock.ts")).npmLock };

const PARSERS: ReadonlyMap<string, LockParser> = new Map([
  ["package-lock.json", npm],
  ["npm-shrinkwrap.json", npm],
  ["yarn.lock", { maxBytes: MAX_OTHER_BYTES, load: async () => (await import("./locks/yarn-lock.ts")).yarnLock }],
  ["pnpm-lock.yaml", { maxBytes: MAX_OTHER_BYTES, load: async () => (await import("./locks/pnpm-lock.ts")).pnpmLock }],
  [
    "Cargo.lock",
    { maxBytes: MAX_OTHER_BYTES, load: async () => (await import("./locks/cargo-lock.ts")).cargoLockfile },
  ],
]);
