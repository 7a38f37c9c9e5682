import type { Json } from "#events/json.ts";
import type { Begun, Drawing } from "./drawing.ts";

// Random steps with steps inside.

const MAX_STEPS_INSIDE = 3;
const MAX_ITEMS = 6;

type DrawSteps = (drawing: Drawing, count: number) => Json[];

export function randomInside(drawing: Drawing, common: Begun, drawSteps: DrawSteps): Json {
  const { random } = drawing;
  const { id } = common;
  const within = { ...drawing, prefix: `${id}x`, depth: drawing.depth - 1 };
  const count = random.int(1, MAX_STEPS_INSIDE);
  const steps = drawSteps(within, count);
  const last = `${id}x${count - 1}`;
  const fallback = random.chance(0.2) ? [{ value: "instead" }] : [];
  const kind = random.pick(["each", "each", "repeat", "call"] as const);
  if (kind === "call") {
    drawing.calls[id] = { name: id, steps, onFailure: random.pick(["stop", "continue"]), outputs: { last } };
    return { ...common, fallback, kind, plan: id };
  }
  const body = { steps, ...(random.chance(0.7) ? { output: `\${steps.${last}.output}` } : {}) };
  if (kind === "repeat") {
    const until = random.chance(0.8) ? `index >= ${random.int(0, 2)}` : "1 == 2";
    return { ...common, fallback, kind, body, until, max: 3 };
  }
  return { ...common, fallback, kind, body, ...randomItems(drawing, common) };
}

function randomItems({ random }: Drawing, { needs, join }: Begun): Record<string, Json> {
  const [need] = join === "all" ? needs : [];
  const list = Array.from({ length: random.int(0, MAX_ITEMS) }, (_, item) => item);
  return {
    // What a step gives is a list now and then.
    items: need !== undefined && random.chance(0.2) ? `\${steps.${need}.output}` : list,
    as: "item",
    concurrency: random.int(1, 3),
    tolerate: random.pick<Json>([{ count: 0 }, { count: 1 }, { count: 2 }, { share: 0.5 }]),
  };
}
