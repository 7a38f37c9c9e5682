import type { Suite } from "./metric.ts";

// Every suite of measurements by its name, with what it measures. Each is loaded when it is run, so that a peer that is not installed
// stands in nobody else's way.

/** Loaded when asked for: a suite's process holds nothing of the others. */
export const SUITES = {
  durable: async () => (await import("./suites/durable.ts")).durable,
  flat: async () => (await import("./suites/flat.ts")).flat,
  fanout: async () => (await import("./suites/fanout.ts")).fanout,
  replay: async () => (await import("./suites/replay.ts")).replay,
  storage: async () => (await import("./suites/storage.ts")).storage,
  views: async () => (await import("./suites/views.ts")).views,
  api: async () => (await import("./suites/api.ts")).api,
  start: async () => (await import("./suites/start.ts")).start,
  wide: async () => (await import("./suites/wide.ts")).wide,
  distributed: async () => (await import("./suites/distributed.ts")).distributed,
  million: async () => (await import("./suites/million.ts")).million,
  scale: async () => (await import("./suites/scale.ts")).scale,
  plan: async () => (await import("./suites/plan.ts")).plan,
  estimate: async () => (await import("./suites/estimate.ts")).estimate,
  implementation: async () => (await import("./suites/implementation.ts")).implementation,
} satisfies Record<string, () => Promise<Suite>>;

/** They take minutes or need data: they run once, and only where they, or what brings them along, are named. */
export const BY_COMMAND: ReadonlySet<string> = new Set([
  "million",
  "distributed",
  "scale",
  "plan",
  "estimate",
  "implementation",
]);

const BROUGHT_ALONG: Readonly<Record<string, readonly string[]>> = { wide: ["million"] };

/** What runs: the suites that are named, with what they bring along; by default all but those by command. */
export function suitesFor(named: readonly string[]): readonly string[] {
  if (named.length === 0) return Object.keys(SUITES).filter((name) => !BY_COMMAND.has(name));
  return [...new Set(named.flatMap((name) => [name, ...(BROUGHT_ALONG[name] ?? [])]))];
}

export type SuiteName = keyof typeof SUITES;
