import type { Output } from "#src/api/client.ts";
import { isOver } from "#src/cli/ending.ts";

/** What happens next to a plan of which something was asked, and what a person can do about it. */
export function nextText({ plan, status, goesOn, because }: Output<"cancel">): string {
  if (isOver(status)) return `the plan has ${status}`;
  if (goesOn) return `it goes on; look by: planwright watch ${plan}`;
  const why = because === undefined ? "" : ` (not by itself: ${because.code}: ${because.message})`;
  return `go on by: planwright resume ${plan}${why}`;
}
