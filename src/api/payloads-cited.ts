import type { Fact, FactData, FactOf, FactType } from "#events/catalog.ts";
import type { BlobRef, Payload } from "#events/payload.ts";

/** References of the blobs that a fact cites: what must be in the blob store for the fact to be whole. */
export function blobsCited(fact: Fact): readonly BlobRef[] {
  return payloadsOf(fact).flatMap((payload) => (payload !== undefined && "blob" in payload ? [payload.blob] : []));
}

type Payloads = readonly (Payload | undefined)[];

const NONE = (): Payloads => [];

/** A new fact does not compile before it says here what it carries. */
const PAYLOADS: { readonly [T in FactType]: (data: FactData<T>) => Payloads } = {
  PlanDrafted: ({ definition }) => [definition],
  PlanStarted: ({ inputs }) => [inputs],
  PlanCancelRequested: NONE,
  PlanCancelled: NONE,
  PlanSucceeded: ({ outputs, response }) => [outputs, response],
  PlanFailed: NONE,
  PlanQuarantined: NONE,
  PlanReleased: NONE,
  StepDispatched: ({ args }) => [args],
  StepSucceeded: ({ output, undo }) => [output, undo?.args],
  StepFailed: NONE,
  StepTimedOut: NONE,
  StepLost: NONE,
  StepLateReported: ({ outcome }) => (outcome.kind === "succeeded" ? [outcome.output] : []),
  StepSkipped: NONE,
  StepWaitStarted: NONE,
  StepWaitEnded: NONE,
  StepCancelled: NONE,
  StepOutcomeResolved: ({ resolution }) => (resolution.kind === "done" ? [resolution.output] : []),
};

function payloadsOf<T extends FactType>({ type, data }: FactOf<T>): Payloads {
  return PAYLOADS[type](data);
}
