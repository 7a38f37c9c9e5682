import { against, type Metric, type Suite } from "../metric.ts";
import { loadOf, type Load } from "../scale/loaded-cluster.ts";
import { MEASURED } from "../scale/service-times.ts";

// How the steps a second of a simulated cluster grow from one coordinator to eight. Virtual time and one seed: the figures are the
// same on every machine; what they rest on are the service times. The limit is as many times what one coordinator does.

const COORDINATORS = [1, 2, 4, 8];
/** As long as owners take to look at the log again. */
const WINDOW_MS = 5_000;

export const scale: Suite = async () => {
  const metrics: Metric[] = [];
  let alone: Load | undefined;
  for (const coordinators of COORDINATORS) {
    const load = await loadOf({ coordinators, times: MEASURED, windowMs: WINDOW_MS });
    process.stderr.write(`scale: ${coordinators} coordinators, ${Math.round(load.stepsPerS)} steps/s\n`);
    alone ??= load;
    const metric = { suite: "scale", metric: `simulated_steps_per_s@${coordinators}`, value: load.stepsPerS };
    metrics.push(against({ ...metric, unit: "steps/s" }, coordinators * alone.stepsPerS));
  }
  return metrics;
};
