import type { Json, JsonObject } from "#events/json.ts";
import type { SeededRandom } from "#src/testing/seeded-random.ts";
import type { Begun } from "./drawing.ts";

// Random tool steps: effects that are taken back, or not; policies for outcomes that nobody knows; what an attempt claims.

/** A payload over the inline limit is a blob. */
const LARGE = 40_000;

/** Scripted tools fail in these ways, and attempts are lost. */
const CATEGORIES = [["unavailable"], ["timeout"], ["unavailable", "timeout"], ["conflict", "internal"]];

export function randomTool(random: SeededRandom, common: Begun): Json {
  const hasUndo = random.chance(0.5);
  return {
    ...common,
    kind: "tool",
    call: randomCall(random, common),
    retry: randomRetry(random),
    unknown: randomPolicy(random, hasUndo),
    fallback: random.chance(0.3) ? randomFallbacks(random, common) : [],
    ...(hasUndo ? { undo: randomUndo(random, common) } : {}),
    ...(!hasUndo && random.chance(0.3) ? { irreversible: true } : {}),
    ...randomClaims(random),
  };
}

/** Each for any failure, or for some. */
function randomFallbacks(random: SeededRandom, common: Begun): Json {
  const count = random.chance(0.3) ? 2 : 1;
  return Array.from({ length: count }, () => ({
    ...(random.chance(0.5) ? randomCall(random, common) : { value: "instead" }),
    ...(random.chance(0.4) ? { on: random.pick(CATEGORIES) } : {}),
  }));
}

function randomCall(random: SeededRandom, { needs, join }: Begun): JsonObject {
  const idempotent = random.chance(0.5);
  const read = join === "all" && random.chance(0.3) ? needs.slice(0, 1) : [];
  return {
    tool: idempotent ? "sim.read" : "sim.write",
    version: "1.0.0",
    with: { from: read.map((need) => `\${steps.${need}.output}`), size: random.chance(0.1) ? LARGE : 3 },
    idempotent,
    timeoutMs: random.int(500, 6_000),
  };
}

function randomPolicy(random: SeededRandom, hasUndo: boolean): Json {
  const verify = { tool: "sim.look", version: "1.0.0", with: {}, idempotent: true, timeoutMs: 2_000 };
  const policies: Json[] = ["ask", "retry", { verify, done: "output.done", output: "found" }];
  return random.pick(hasUndo ? [...policies, "undo"] : policies);
}

function randomUndo(random: SeededRandom, { id }: Begun): Json {
  const idempotent = random.chance(0.8);
  const timeoutMs = random.int(500, 6_000);
  const call = { tool: "sim.undo", version: "1.0.0", with: { of: "${output}", step: id }, idempotent, timeoutMs };
  return { call, retry: randomRetry(random) };
}

function randomClaims(random: SeededRandom): Record<string, Json> {
  return {
    ...(random.chance(0.2) ? { pool: random.pick(["narrow", "wide"]) } : {}),
    ...(random.chance(0.12) ? { key: random.pick(["host-a", "host-b"]) } : {}),
    ...(random.chance(0.2) ? { uses: { units: random.int(1, 3) } } : {}),
  };
}

function randomRetry(random: SeededRandom): Json {
  return {
    attempts: random.int(1, 4),
    delayMs: random.int(0, 2_000),
    backoff: random.pick(["fixed", "exponential"]),
    jitter: random.pick(["none", "full", "decorrelated"]),
    maxDelayMs: 10_000,
  };
}
