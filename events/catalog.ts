import type { z } from "zod";
import type { EncodedEvent } from "#events/envelope.ts";
import { Fault } from "#events/fault.ts";
import { isJsonObject, type Json } from "#events/json.ts";
import * as plan from "#events/plan-facts.ts";
import * as step from "#events/step-facts.ts";

// The language: one schema and one version a fact, and the only place where facts become JSON and JSON becomes facts.
//
// C1. An additive optional field keeps the version and has a default at decode; any other change is the next version
//     and a pure upcaster from the one before.
// C2. An unknown type and a version from the future are faults that name the event: what is not understood is never
//     skipped.

export const catalog = {
  PlanDrafted: row("plan", plan.planDrafted),
  PlanStarted: row("plan", plan.planStarted),
  PlanRevised: row("plan", plan.planRevised),
  PlanPaused: row("plan", plan.planPaused),
  PlanResumed: row("plan", plan.planResumed),
  SignalReceived: row("plan", plan.signalReceived),
  SignalExpired: row("plan", plan.signalExpired),
  PlanCommented: row("plan", plan.planCommented),
  PlanCancelRequested: row("plan", plan.planCancelRequested),
  PlanCancelled: row("plan", plan.planCancelled),
  PlanSucceeded: row("plan", plan.planSucceeded),
  PlanFailed: row("plan", plan.planFailed),
  PlanRollbackStarted: row("plan", plan.planRollbackStarted),
  PlanRolledBack: row("plan", plan.planRolledBack),
  PlanReopened: row("plan", plan.planReopened),
  PlanQuarantined: row("system", plan.planQuarantined),
  PlanReleased: row("system", plan.planReleased),
  StepDispatched: row("step", step.stepDispatched),
  StepSucceeded: row("step", step.stepSucceeded),
  StepFailed: row("step", step.stepFailed),
  StepTimedOut: row("step", step.stepTimedOut),
  StepLost: row("step", step.stepLost),
  StepLateReported: row("step", step.stepLateReported),
  StepSkipped: row("step", step.stepSkipped),
  StepExpanded: row("step", step.stepExpanded),
  StepWindowClosed: row("step", step.stepWindowClosed),
  StepWaitStarted: row("step", step.stepWaitStarted),
  StepReviewed: row("step", step.stepReviewed),
  StepWaitEnded: row("step", step.stepWaitEnded),
  StepCancelRequested: row("step", step.stepCancelRequested),
  StepCancelled: row("step", step.stepCancelled),
  StepOutcomeResolved: row("step", step.stepOutcomeResolved),
  StepOutcomeGiven: row("step", step.stepOutcomeGiven),
} as const;

type Catalog = typeof catalog;
export type FactType = keyof Catalog;
export type FactData<T extends FactType> = z.infer<Catalog[T]["schema"]>;
export type FactOf<T extends FactType> = { [K in T]: { readonly type: K; readonly data: FactData<K> } }[T];
export type Fact = FactOf<FactType>;

type OfSubject<S> = { [K in FactType]: Catalog[K]["subject"] extends S ? K : never }[FactType];
export type PlanFact = FactOf<OfSubject<"plan">>;
export type StepFact = FactOf<OfSubject<"step">>;

/** Builds a fact; the types say what it carries. */
export function fact<T extends FactType>(type: T, data: FactData<T>): FactOf<T> {
  return { type, data };
}

export function encode(source: Fact): EncodedEvent {
  return { type: source.type, schemaVersion: catalog[source.type].version, data: source.data as Json };
}

/** The fact in an event, brought up to today's version. Faults: `unknown-event`, `newer-event`, `malformed-event`. */
export function decode(event: EncodedEvent): Fact {
  return { type: event.type, data: read(rowOf(event), event) } as Fact;
}

/** Refuses an event that this version does not know, without a look at its data. Faults: `unknown-event`, `newer-event`. */
export function assertKnown(event: EncodedEvent): void {
  assertNotNewer(rowOf(event), event);
}

function rowOf({ type }: EncodedEvent): Row<string, z.ZodType> {
  const known: Row<string, z.ZodType> | undefined = isFactType(type) ? catalog[type] : undefined;
  if (known === undefined) throw new Fault("unknown-event", `no fact is called ${JSON.stringify(type)}`);
  return known;
}

function assertNotNewer({ version }: Row<string, z.ZodType>, { type, schemaVersion }: EncodedEvent): void {
  if (schemaVersion > version) {
    throw new Fault("newer-event", `${type} has version ${schemaVersion}; known up to ${version}`);
  }
}

export function isFactType(type: string): type is FactType {
  return Object.hasOwn(catalog, type);
}

export function isPlanFact(source: Fact): source is PlanFact {
  return catalog[source.type].subject === "plan";
}

export function isStepFact(source: Fact): source is StepFact {
  return catalog[source.type].subject === "step";
}

interface Row<S extends string, Z extends z.ZodType> {
  readonly subject: S;
  readonly version: number;
  readonly schema: Z;
  /** `upcasters[n]` turns data of version n + 1 into data of version n + 2. */
  readonly upcasters: readonly Upcaster[];
}

type Upcaster = (data: Json) => Json;

/** A row of the catalog. The number of upcasters says which version the schema is. */
export function row<S extends string, Z extends z.ZodType>(
  subject: S,
  schema: Z,
  upcasters: readonly Upcaster[] = [],
): Row<S, Z> {
  return { subject, version: upcasters.length + 1, schema, upcasters };
}

/** The data of an event by its row: upcast, then checked. Faults: `newer-event`, `malformed-event`. */
export function read<Z extends z.ZodType>(known: Row<string, Z>, event: EncodedEvent): z.infer<Z> {
  const { type, schemaVersion, data } = event;
  assertNotNewer(known, event);
  if (!Number.isInteger(schemaVersion) || schemaVersion < 1) {
    throw new Fault("malformed-event", `${type} has no version ${schemaVersion}`);
  }
  if (!isJsonObject(data)) throw new Fault("malformed-event", `${type} carries no object`);
  const parsed = known.schema.safeParse(
    known.upcasters.slice(schemaVersion - 1).reduce<Json>((old, up) => up(old), data),
  );
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const place = issue?.path.join(".") ?? "";
  throw new Fault("malformed-event", `${type}.${place}: ${issue?.message ?? "does not fit its schema"}`);
}
