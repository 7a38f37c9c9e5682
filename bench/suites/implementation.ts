import { assessmentMetrics } from "../implementation/assessment.ts";
import { contextMetrics } from "../implementation/context.ts";
import { planningMetrics } from "../implementation/planning.ts";
import { rollbackMetrics } from "../implementation/rollback.ts";
import type { Suite } from "../metric.ts";

/** What planning and undoing changes of a codebase takes, at the sizes that its users have. */
export const implementation: Suite = async (directory) => [
  ...(await planningMetrics(directory)),
  ...(await rollbackMetrics(directory)),
  ...(await assessmentMetrics(directory)),
  ...(await contextMetrics(directory)),
];
