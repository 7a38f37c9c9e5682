import { z } from "zod";
import { Fault } from "#events/fault.ts";
import { jsonObject } from "#events/json.ts";
import { statusOfCode } from "#src/http/status.ts";

// Refusals over HTTP: problem details (RFC 9457) with the stable code, what is wrong, and the findings where there are
// any. Of a defect nothing but that it is one goes out: its text may tell what is nobody's business.

export const PROBLEM_MEDIA_TYPE = "application/problem+json";

export const problem = z.object({
  type: z.string().describe("`urn:planwright:problem:` and the code"),
  title: z.string().describe("the same for every problem of a code"),
  status: z.int(),
  detail: z.string(),
  code: z.string().describe("stable, kebab case; listed in docs/errors.md"),
  retryable: z.boolean().describe("the same request may succeed later although nobody changes anything"),
  details: jsonObject.optional().describe("what the code has to say beyond its text, e.g. `findings`"),
});
export type Problem = z.infer<typeof problem>;

export function problemOf(error: unknown): Problem {
  if (!isFault(error)) return described("defect", "a defect of Planwright; its log says more", { retryable: false });
  const { code, message, retryable, details } = error;
  return described(code, message, { retryable, ...(Object.keys(details).length === 0 ? {} : { details }) });
}

/** The fault that a problem stands for: the other direction, for clients. */
export function faultOf({ code, detail, retryable, details }: Problem): Fault {
  return new Fault(code, detail, { retryable, ...(details === undefined ? {} : { details }) });
}

function described(code: string, detail: string, more: Pick<Problem, "retryable" | "details">): Problem {
  const title = code.charAt(0).toUpperCase() + code.slice(1).replaceAll("-", " ");
  return { type: `urn:planwright:problem:${code}`, title, status: statusOfCode(code), detail, code, ...more };
}

/** `instanceof` alone leaves the code's type open. */
function isFault(error: unknown): error is Fault {
  return error instanceof Fault;
}
