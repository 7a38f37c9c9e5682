import type { Trusted } from "./assertions.ts";

/** The brands, the borders where stored or foreign data gets a type, and the one place that works around XState's scope. */
export const TRUSTED: Trusted = {
  ".config/scripts/bundle.ts": { count: 1, reason: "decode border of package.json files" },
  "bench/run.ts": { count: 1, reason: "decode border of a suite's answer" },
  "bench/suite.ts": { count: 1, reason: "the name was checked by the process that started this one" },
  "bench/suites/replay.ts": { count: 1, reason: "decode border of the database's rows" },
  "bench/suites/storage.ts": { count: 1, reason: "decode border of another process's answer" },
  "machines/decide/start.ts": {
    count: 1,
    reason: "a definition is JSON; its optional members hide that from the compiler",
  },
  "machines/decide/undo-calls.ts": { count: 1, reason: "an undo call is JSON; its optional members hide that" },
  "events/catalog.ts": { count: 2, reason: "encode and decode: the type's schema has just spoken" },
  "events/ids.ts": { count: 3, reason: "brands of the ids made here" },
  "events/streams.ts": { count: 2, reason: "brands of the stream names made here" },
  "machines/snapshot.ts": { count: 5, reason: "decode border of snapshots" },
  "machines/transition.ts": { count: 2, reason: "the one reused transition scope" },
  "src/api/client.ts": { count: 5, reason: "a client has one call for each entry of the table, made in a loop" },
  "src/blobs/content.ts": { count: 1, reason: "brand of a content hash made here" },
  "src/client/remote.ts": { count: 2, reason: "a client has one call for each entry of the table, made in a loop" },
  "src/cli/tool-modules.ts": { count: 1, reason: "what a user's module exports" },
  "src/projecting/plan-list.ts": { count: 3, reason: "decode border of the view's documents" },
  "src/projecting/tool-reports.ts": { count: 1, reason: "decode border of the view's documents" },
  "src/store/batch.ts": { count: 1, reason: "decode border of stored appends" },
  "src/store/embedded/log-reader.ts": { count: 1, reason: "decode border of the database's rows" },
  "src/store/embedded/view-store.ts": { count: 1, reason: "Array.isArray gives any for a row of the database" },
  "src/store/embedded/row.ts": { count: 1, reason: "decode border of the database's rows" },
  "src/store/embedded/verify-log.ts": { count: 1, reason: "decode border of the database's rows" },
};
