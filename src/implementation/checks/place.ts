import type { ToolContext } from "#src/tools/define.ts";
import type { ToolRegistry } from "#src/tools/registry.ts";
import type { KeptAnswers } from "./kept-answers.ts";
import type { Survey } from "./survey.ts";
import type { WriteWatch } from "./write-watch.ts";

/** Where a check is asked, and what it shares with others that are asked there. */
export interface Place {
  readonly survey: Survey;
  readonly kept: KeptAnswers;
  readonly watch: WriteWatch;
  readonly context: ToolContext;
  /** That requests can be planned with. */
  readonly tools?: (() => ToolRegistry) | undefined;
}
