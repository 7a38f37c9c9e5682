// The scenes that the golden histories were recorded from, one for each hazard of src/decisions/0002-facts.md. Each
// drives a plan into its hazard and says what a reader must conclude from the events alone.
import { fact } from "#events/catalog.ts";
import { planStream } from "#events/streams.ts";
import { PLAN } from "../machines/plans.ts";
import { ATTEMPT_SCENES } from "./scenes/attempts.ts";
import { DISPATCH_SCENES } from "./scenes/dispatches.ts";
import { INSIDE_SCENES } from "./scenes/inside.ts";
import { PLAN_SCENES } from "./scenes/plans.ts";
import { UNDO_SCENES } from "./scenes/undo.ts";
import { WAIT_SCENES } from "./scenes/waits.ts";
import type { Scene } from "./scenes/scene.ts";

export const SCENES = {
  ...ATTEMPT_SCENES,
  ...PLAN_SCENES,
  ...DISPATCH_SCENES,
  ...INSIDE_SCENES,
  ...UNDO_SCENES,
  ...WAIT_SCENES,
};

/** The one history of another stream: a plan that cannot be folded is set aside, and later let go. */
export const POISONED_PLAN = {
  facts: [
    fact("PlanQuarantined", {
      plan: PLAN,
      stream: planStream(PLAN),
      revision: 12,
      code: "unknown-event",
      message: 'no fact is called "StepVanished"',
    }),
    fact("PlanReleased", { plan: PLAN }),
  ],
  claims: [
    { read: "data.plan", revision: 0, is: PLAN },
    { read: "data.stream", revision: 0, is: planStream(PLAN) },
    { read: "data.revision", revision: 0, is: 12 },
    { read: "data.code", revision: 0, is: "unknown-event" },
    { read: "data.plan", revision: 1, is: PLAN },
  ],
  ignored: [{ field: "PlanQuarantined.revision", as: -1, breaks: 2 }],
} satisfies Scene & { facts: unknown };
