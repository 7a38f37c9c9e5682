import { planStream } from "#events/streams.ts";
import { encodeState, SNAPSHOT_VERSION } from "#machines/snapshot.ts";
import type { PlanView } from "#machines/state.ts";
import type { RuntimeContext } from "#src/runtime/context.ts";

/** Saves a snapshot. A failure costs time at the next load and nothing else, so it is logged and forgotten. */
export async function saveSnapshot(state: PlanView, context: Pick<RuntimeContext, "snapshots" | "log">): Promise<void> {
  try {
    const { revision } = state;
    await context.snapshots.save(planStream(state.planId), {
      version: SNAPSHOT_VERSION,
      revision,
      state: encodeState(state),
    });
  } catch (error) {
    context.log.warn("a snapshot was not saved", { plan: state.planId, error });
  }
}
