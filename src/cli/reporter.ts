import type { Fact } from "#events/catalog.ts";
import type { PlanId } from "#events/ids.ts";
import type { PlanView } from "#machines/state.ts";
import type { Ending } from "#src/cli/ending.ts";
import type { LiveMessage } from "#src/ports/bus.ts";

/** How a run is shown while it goes on: as lines, as JSON lines, or as a screen that redraws itself. */
export interface Reporter {
  /** Facts that are durable; the state may not be kept. */
  facts(plan: PlanId, facts: readonly Fact[], state: PlanView): void;
  live(message: LiveMessage): void;
  /** The store takes nothing for now; undefined when that is over. */
  trouble(problem: Error | undefined): void;
  /** No more facts come; whatever was drawn is complete. Resolves when it is on the terminal. */
  close(): Promise<void>;
  ended(ending: Ending): void;
}

/** Which reporter a command uses. */
export interface ReportFlags {
  readonly json?: boolean;
  readonly plain?: boolean;
  /** With each sentence of the response the steps that it stands on; JSON lines have them anyway. */
  readonly sources?: boolean;
}
