import type { Fact } from "#events/catalog.ts";
import type { BlobRef, Payload } from "#events/payload.ts";

/** References of the blobs that a fact cites: what must be in the blob store for the fact to be whole. */
export function blobsCited(fact: Fact): readonly BlobRef[] {
  return payloadsOf(fact).flatMap((payload) => (payload !== undefined && "blob" in payload ? [payload.blob] : []));
}

function payloadsOf(fact: Fact): readonly (Payload | undefined)[] {
  switch (fact.type) {
    case "PlanDrafted":
      return [fact.data.definition];
    case "PlanStarted":
      return [fact.data.inputs];
    case "PlanSucceeded":
      return [fact.data.outputs, fact.data.response];
    case "StepDispatched":
      return [fact.data.args];
    case "StepSucceeded":
      return [fact.data.output, fact.data.undo?.args];
    case "StepLateReported":
      return fact.data.outcome.kind === "succeeded" ? [fact.data.outcome.output] : [];
    case "StepOutcomeResolved":
      return fact.data.resolution.kind === "done" ? [fact.data.resolution.output] : [];
    default:
      return [];
  }
}
