/// <reference lib="esnext.disposable" preserve="true" />
// The door for programs in browsers that ask a Planwright elsewhere: the client over HTTP, and what makes a plan's state of
// its facts. Nothing of Node is in it.

export { Fault } from "#events/fault.ts";
export type { PlanId } from "#events/ids.ts";
export type { Json, JsonObject } from "#events/json.ts";
export type { PlanView } from "#machines/state.ts";
export { selectApprovals } from "#projections/approvals.ts";
export { selectProgress, selectStep } from "#projections/progress.ts";
export { selectWaiting, selectWhy } from "#projections/why.ts";
export type { CallOptions, Client, Output } from "#src/api/client.ts";
export { FoldedPlan, type RecordedFact } from "#src/client/folded-plan.ts";
export { connectHttp, type HttpConnectOptions } from "#src/client/http.ts";
export type { HttpClient } from "#src/client/http-client.ts";
