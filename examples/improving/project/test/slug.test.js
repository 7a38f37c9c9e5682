import assert from "node:assert/strict";
import { test } from "node:test";
import { slug } from "../src/slug.js";

test("a title of several words has a dash between each two", () => {
  assert.equal(slug("The Old Man and the Sea"), "the-old-man-and-the-sea");
});
