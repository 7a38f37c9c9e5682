import type { Suite } from "./metric.ts";

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
  million: async () => (await import("./suites/million.ts")).million,
} satisfies Record<string, () => Promise<Suite>>;

/** They take minutes, and run only where they are named. */
export const BY_COMMAND: ReadonlySet<string> = new Set(["million"]);

export type SuiteName = keyof typeof SUITES;
