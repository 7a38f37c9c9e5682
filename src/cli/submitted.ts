import { z } from "zod";
import { Fault } from "#events/fault.ts";
import type { Client, Output } from "#src/api/client.ts";
import { finding } from "#src/api/operations/source-shapes.ts";
import type { Read } from "#src/cli/plan-file.ts";

export type Submission = Parameters<Client["submit"]>[0];

/** Started or attached to; what is wrong with the plan are findings. Faults: those of `submit` but for `plan-refused`. */
export function submitted(client: Client, submission: Submission): Promise<Read<Output<"submit">>> {
  return orFindings(() => client.submit(submission));
}

/** The findings that a plan was refused for, in the place of the fault `plan-refused`. */
export async function orFindings<T>(work: () => Promise<T>): Promise<Read<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    if (!Fault.is(error, "plan-refused")) throw error;
    return { ok: false, findings: z.array(finding).parse(error.details.findings) };
  }
}
