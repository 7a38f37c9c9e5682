import { describe, expect, it } from "vitest";
import { addPackedScores, packed } from "#src/planning/prediction/packed-weights.ts";
import { addScores } from "#src/planning/prediction/weights.ts";

describe("packed weights", () => {
  const weights = { columns: 3, values: Float32Array.of(1, -2, 0.5, 0, 0, 0, 1e-6, 0, -1e-6) };
  const vector = { indexes: Int32Array.of(0, 1, 2), values: Float32Array.of(0.5, 1, 2) };

  it("score as those they were made of, but for half a step in a row", () => {
    const exact = new Float32Array(3);
    const near = new Float32Array(3);
    addScores(weights, vector, exact);
    addPackedScores(packed(weights), vector, near);
    for (const [column, score] of exact.entries()) expect(Math.abs((near[column] ?? NaN) - score)).toBeLessThan(0.005);
  });

  it("keep rows of small weights apart from rows of large ones", () => {
    const near = new Float32Array(3);
    addPackedScores(packed(weights), { indexes: Int32Array.of(2), values: Float32Array.of(1) }, near);
    expect(near[0]).toBeCloseTo(1e-6, 8);
    expect(near[2]).toBeCloseTo(-1e-6, 8);
  });

  it("may be none", () => {
    expect(packed({ columns: 0, values: new Float32Array(0) }).scales).toHaveLength(0);
  });
});
