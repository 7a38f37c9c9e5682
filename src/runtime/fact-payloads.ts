import { fact, type Fact, type FactData, type FactOf, type FactType } from "#events/catalog.ts";
import type { ListPart, Payload } from "#events/payload.ts";

// Where facts carry payloads, so that those over the inline limit can be moved into blobs before the append.
// A payload that is not named here stays in its fact, however large.

/** How a payload will be read: as a whole; a list entry by entry; or with the list that it is a part of, if ever. */
export type Reading = "whole" | "by-entry" | "at-end";

type Move = (source: Payload, reading: Reading) => Payload;

/** The fact with every payload moved; the same object when none was. */
export function movePayloads(source: Fact, move: Move): Fact {
  return movedWithin(source, move);
}

function movedWithin<T extends FactType>(source: FactOf<T>, move: Move): FactOf<T> {
  const { type, data }: { type: T; data: FactData<T> } = source;
  const moved = MOVERS[type](data, move);
  return moved === data ? source : fact(type, moved);
}

const UNCHANGED = <D>(data: D): D => data;

/** A new fact does not compile before it says here what it carries. */
const MOVERS: { readonly [T in FactType]: (data: FactData<T>, move: Move) => FactData<T> } = {
  PlanDrafted: (data, move) => moved(data, "definition", move),
  PlanStarted: (data, move) => moved(data, "inputs", move),
  PlanRevised: (data, move) => moved(data, "definition", move),
  PlanPaused: UNCHANGED,
  PlanResumed: UNCHANGED,
  SignalReceived: (data, move) => moved(data, "payload", move),
  SignalExpired: UNCHANGED,
  PlanCommented: UNCHANGED,
  PlanCancelRequested: UNCHANGED,
  PlanCancelled: UNCHANGED,
  PlanSucceeded: (data, move) => moved(moved(data, "outputs", move), "response", move),
  PlanFailed: (data, move) => moved(data, "outputs", move),
  PlanRollbackStarted: UNCHANGED,
  PlanRolledBack: UNCHANGED,
  PlanReopened: UNCHANGED,
  PlanQuarantined: UNCHANGED,
  PlanReleased: UNCHANGED,
  StepDispatched: (data, move) => moved(data, "args", move),
  StepSucceeded: (data, move) => moved(moved(data, "output", move), "errors", move),
  StepFailed: UNCHANGED,
  StepTimedOut: UNCHANGED,
  StepLost: UNCHANGED,
  StepLateReported: (data, move) =>
    data.outcome.kind === "succeeded" ? { ...data, outcome: moved(data.outcome, "output", move) } : data,
  StepSkipped: UNCHANGED,
  StepExpanded: (data, move) =>
    moved(
      moved(
        moved(data, "items", (list) => move(list, "by-entry")),
        "inputs",
        move,
      ),
      "previous",
      move,
    ),
  StepWindowClosed: (data, move) => ({
    ...data,
    ...(data.undo === undefined ? {} : { undo: data.undo.map((parts) => parts.map((part) => movePart(part, move))) }),
    ...(data.errors === undefined ? {} : { errors: movePart(data.errors, move) }),
    outputs: data.outputs.map((part) => movePart(part, move)),
  }),
  StepWaitStarted: (data, move) =>
    data.approval === undefined ? data : { ...data, approval: moved(data.approval, "show", move) },
  StepReviewed: UNCHANGED,
  StepWaitEnded: (data, move) => moved(data, "output", move),
  StepCancelRequested: UNCHANGED,
  StepCancelled: UNCHANGED,
  StepOutcomeResolved: (data, move) =>
    data.resolution.kind === "done" ? { ...data, resolution: moved(data.resolution, "output", move) } : data,
  StepOutcomeGiven: (data, move) =>
    data.outcome.kind === "done" ? { ...data, outcome: moved(data.outcome, "output", move) } : data,
};

/** A run of entries is a value like others. */
export function movePart(part: ListPart, move: Move): ListPart {
  if ("item" in part) return part;
  const items = move(part.items, "at-end");
  return "inline" in items || "blob" in items ? { ...part, items } : part;
}

type MoveWhole = (source: Payload, reading: "whole") => Payload;

function moved<K extends string, D extends { readonly [P in K]?: Payload | undefined }>(
  data: D,
  key: K,
  move: MoveWhole,
): D {
  const before: Payload | undefined = data[key];
  if (before === undefined) return data;
  const after = move(before, "whole");
  return after === before ? data : { ...data, [key]: after };
}
