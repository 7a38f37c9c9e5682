import type { Targets } from "./target.ts";
import { openExpressions } from "./targets/expressions.ts";
import { openPlans } from "./targets/plans.ts";

/** Every border that strangers reach, by the name that `--only` takes. */
export const targets: Targets = {
  plans: openPlans,
  expressions: openExpressions,
};
