import type { CheckContext } from "./check-context.ts";
import type { Path } from "./finding.ts";
import type { ToolStepSource } from "./source-schema.ts";

/** Pools and resources that were not declared, and more of one than there is: such a step would wait for ever. */
export function checkClaims({ pool, uses = {} }: ToolStepSource, path: Path, { limits, report }: CheckContext): void {
  if (pool !== undefined && limits.pool(pool) === undefined) {
    const message = `the configuration declares no pool ${JSON.stringify(pool)}`;
    report.error([...path, "pool"], { code: "unknown-pool", message });
  }
  for (const [name, amount] of Object.entries(uses)) {
    const capacity = limits.resource(name);
    const place = [...path, "uses", name];
    if (capacity === undefined) {
      const message = `the configuration declares no resource ${JSON.stringify(name)}`;
      report.error(place, { code: "unknown-resource", message }, { key: true });
    } else if (amount > capacity) {
      const message = `the step wants ${amount} of ${name}, and there is ${capacity}`;
      report.error(place, { code: "too-much-wanted", message });
    }
  }
}
