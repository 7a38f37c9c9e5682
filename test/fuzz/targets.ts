import type { Targets } from "./target.ts";
import { openArguments } from "./targets/arguments.ts";
import { openBus } from "./targets/bus.ts";
import { openEvents } from "./targets/events.ts";
import { openExpressions } from "./targets/expressions.ts";
import { openHttp } from "./targets/http.ts";
import { openPlans } from "./targets/plans.ts";

/** Every border that strangers reach, by the name that `--only` takes. */
export const targets: Targets = {
  plans: openPlans,
  expressions: openExpressions,
  http: openHttp,
  bus: openBus,
  events: openEvents,
  arguments: openArguments,
};
