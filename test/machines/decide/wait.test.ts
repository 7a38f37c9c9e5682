import { describe, expect, it } from "vitest";
import type { Json } from "#events/json.ts";
import { waitUntil } from "#machines/decide/wait.ts";

const at = Date.UTC(2026, 0, 31, 9);

describe("the moment that a wait names", () => {
  it.each([
    ["2026-01-31T09:00:00Z", at],
    ["2026-01-31T09:00:00.5Z", at + 500],
    ["2026-01-31T09:00:00.125Z", at + 125],
    ["2026-01-31T11:00:00+02:00", at],
    [at, at],
    [0, 1],
  ])("is a timestamp, or milliseconds since 1970: %s", (value, moment) => {
    expect(waitUntil(value)).toEqual({ kind: "value", value: moment });
  });

  it.each<readonly [Json]>([
    ["+002026-01-31T09:00:00Z"],
    ["2026-01-31T09:00:00Z\0"],
    ["2026-01-31"],
    ["tomorrow"],
    [["2026-01-31T09:00:00Z"]],
    [-1],
    [Number.POSITIVE_INFINITY],
    [Number.NaN],
    [null],
    [true],
  ])("is nothing else: %j", (value) => {
    expect(waitUntil(value)).toMatchObject({ kind: "error", error: { category: "validation", code: "not-a-moment" } });
  });
});
