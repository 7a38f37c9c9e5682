import type { Json, JsonObject } from "#events/json.ts";

/** One that may touch everything, and is done when `true` says so. */
export function changeOf(actions: readonly Json[], more: JsonObject = {}): JsonObject {
  return {
    ...{
      id: "x",
      title: "a change",
      gap: "g",
      remedy: "r",
      weight: 1,
      priority: 0,
      risk: "low",
      actions: [...actions],
    },
    difficulty: { level: 1, reasons: [] },
    estimate: { optimisticMs: 1, likelyMs: 2, pessimisticMs: 3 },
    files: ["**"],
    acceptance: { kind: "command", run: ["true"] },
    ...more,
  };
}
