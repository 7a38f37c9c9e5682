import { acrossFiles } from "./across-files.ts";
import type { Check } from "./check.ts";
import { broken, type Found } from "./found.ts";
import { linePattern } from "./pattern-text.ts";
import type { Place } from "./place.ts";

/** Codes: `bad-pattern`, those of `acrossFiles`. */
export async function askPattern(check: Extract<Check, { kind: "pattern" }>, place: Place): Promise<Found> {
  const { files, matches, found } = check;
  const pattern = linePattern(matches);
  if (!pattern.ok) return broken("bad-pattern", { text: `${JSON.stringify(matches)}: ${pattern.message}` });
  return acrossFiles({ files, found, question: ["pattern", matches], find: pattern.find }, place);
}
