import { Fault } from "#events/fault.ts";
import { planChart } from "#machines/plan-chart.ts";
import { stepChart } from "#machines/step-chart.ts";

// A running plan stays on the charts that it started with: its first fact names them. A changed chart is a new
// version beside the old one, and moving a plan to it is a fact of its own.

export interface MachineVersion {
  readonly plan: typeof planChart;
  readonly step: typeof stepChart;
}

const versions: Readonly<Record<string, MachineVersion>> = { "plan@1": { plan: planChart, step: stepChart } };

/** What a plan drafted today runs on. */
export const CURRENT_MACHINE = "plan@1";

/** The charts that a plan names. Fault: `unknown-machine`, where a newer Planwright wrote the plan. */
export function machineVersion(name: string): MachineVersion {
  const known = Object.hasOwn(versions, name) ? versions[name] : undefined;
  if (known === undefined) throw new Fault("unknown-machine", `this Planwright has no machine ${JSON.stringify(name)}`);
  return known;
}
