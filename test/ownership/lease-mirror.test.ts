import { expect, it } from "vitest";
import { LeaseMirror } from "#src/ownership/lease-mirror.ts";

// A list is made while others change: it says of what moment its silence speaks.

it("takes what a list does not have for removed only where the list could have had it", () => {
  const mirror = new LeaseMirror();
  mirror.take({ key: "gone", value: 1, revision: 3 }, 0);
  mirror.take({ key: "young", value: 2, revision: 11 }, 0);
  // While it was made, "young" was set, and then "other".
  mirror.takeAll({ entries: [{ key: "other", value: 3, revision: 12 }], asOf: 10 }, 50);
  expect(["gone", "young", "other"].map((key) => mirror.valueOf(key))).toEqual([undefined, 2, 3]);
  expect(mirror.revisionOf("gone")).toBe(0);
});

it("takes everything for removed where a list has nothing, and keeps what was seen to be newer", () => {
  const mirror = new LeaseMirror();
  mirror.take({ key: "a", value: 1, revision: 7 }, 0);
  mirror.takeAll({ entries: [{ key: "a", value: 0, revision: 5 }], asOf: 6 }, 10);
  expect(mirror.valueOf("a")).toBe(1);
  mirror.takeAll({ entries: [], asOf: 7 }, 20);
  expect(mirror.valueOf("a")).toBeUndefined();
});
