import type { SoakRecord } from "../measured/record.ts";
import { judgeHandles } from "./handles.ts";
import { judgeMemory } from "./memory.ts";
import { judgeSpeed } from "./speed.ts";
import { judgeStore } from "./store.ts";
import { LEAST, type Least, type Verdict } from "./verdict.ts";

/** All that is claimed of a run beside what breaks it. */
export function judge(record: SoakRecord, least: Least = LEAST): readonly Verdict[] {
  return [judgeMemory, judgeHandles, judgeStore, judgeSpeed].flatMap((judgement) => judgement(record, least));
}

/** Whether nothing is broken, and no claim fails. */
export function isSound({ broken }: SoakRecord, verdicts: readonly Verdict[]): boolean {
  return broken.length === 0 && verdicts.every(({ holds }) => holds !== false);
}
