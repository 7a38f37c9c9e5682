/// <reference lib="esnext.disposable" preserve="true" />
// The door for users of the library: tools as typed functions, plans as data, an engine over a store of one's own.
// What is exported here is what a user may rely on; everything else may move.

export { Fault } from "#events/fault.ts";
export type { PlanDefinition, StepDefinition } from "#events/definition.ts";
export type { ErrorCategory, ErrorInfo } from "#events/errors.ts";
export type { PlanId } from "#events/ids.ts";
export type { Json, JsonObject } from "#events/json.ts";
export type { PlanView } from "#machines/state.ts";

export { selectApprovals, type ApprovalRequest, type CoveredStep } from "#projections/approvals.ts";
export { selectCost, type Cost, type Estimates, type ToolCost } from "#projections/cost.ts";
export { selectCriticalPath, type CriticalStep, type SelectedPath } from "#projections/critical-path.ts";
export { selectProgress, selectStep, type Progress, type StepProgress } from "#projections/progress.ts";
export type { PlanFilter, PlanRow, PlanTag } from "#projections/plans-view.ts";
export type { Latency } from "#projections/latency-histogram.ts";
export type { RollbackPreview } from "#projections/rollback-preview.ts";
export { selectTimers, type Timer, type TimerReason } from "#projections/timers.ts";
export type { ToolReport } from "#projections/tool-statistics.ts";
export { selectTimeline, type Span, type Timeline } from "#projections/timeline.ts";
export { selectWaiting, selectWhy, type Explanation, type Need, type Reason } from "#projections/why.ts";

export { Engine, type FactsListener, type TroubleListener } from "#src/api/engine.ts";
export { toolRegistry } from "#src/all-tools.ts";
export type { Application } from "#src/api/application.ts";
export type { CallOptions, Client, Output, ReadingClient } from "#src/api/client.ts";
export { examine, type Examination, type Problem } from "#src/api/examination.ts";
export { isSettled } from "#src/api/plan-book.ts";
export { PlanReader, type HistoryEntry } from "#src/api/plan-reader.ts";
export { measureBlobs, surveyBlobs, sweepBlobs, type BlobUsage, type SurveyOptions } from "#src/blobs/sweep.ts";
export {
  connectPlanwright,
  openEngine,
  openPlanwright,
  openReader,
  serveHttp,
  type EngineGrants,
  type HttpOptions,
  type Planwright,
  type PlanwrightOptions,
  type PlanwrightReader,
  type ServerAddress,
} from "#src/compose.ts";
export { openStore, type OpenStore, type StoreOptions } from "#src/open-store.ts";
export { declaredSecrets, type DeclaredSecrets } from "#src/secrets/declared.ts";

export type { DeclaredLimits } from "#src/config/limits.ts";

export { FoldedPlan, type RecordedFact } from "#src/client/folded-plan.ts";
export type { RemoteClient } from "#src/client/remote.ts";
export type { TcpDoor } from "#src/http/open-doors.ts";

export { cel, text } from "#src/builders/expression.ts";
export { calledPlans, definePlan, type Answers, type Around, type PlanHead } from "#src/builders/plan.ts";
export type { Steps } from "#src/builders/steps.ts";
export type { Expression, Ref, Template } from "#src/builders/template.ts";
export { toolCall, type Plan, type Step, type ToolCall } from "#src/builders/words.ts";

export { checkPlan, type Checked, type CheckOptions } from "#src/language/check.ts";
export type { Complaint, Finding } from "#src/language/finding.ts";
export { formatFindings } from "#src/language/format.ts";
export { checkInputs, inputsFromText, type CheckedInputs } from "#src/language/inputs.ts";
export { parsePlan, type Parsed, type ParseOptions, type PlanSource } from "#src/language/parse.ts";

export { planLibrary, type PlanLibrary } from "#src/language/called-plans.ts";
export { folderLibrary } from "#src/plan-files/folder-library.ts";

export type { PlanningSettings } from "#src/model/planning-settings.ts";
export type { ModelSettings } from "#src/model/settings.ts";
export type { ListedPlan, PlanPage, PlanQuery } from "#src/projecting/plan-list.ts";
export type { Log } from "#src/ports/log.ts";
export type { Secrets } from "#src/ports/secrets.ts";
export type { McpServerSettings, McpSettings, OpenApiSettings } from "#src/sources/settings.ts";
export { builtin, builtinTools } from "#src/tools/builtin/all.ts";
export {
  defineTool,
  ToolFailure,
  type Tool,
  type ToolContext,
  type ToolDefinition,
  type ToolRoots,
} from "#src/tools/define.ts";
export type { ToolRegistry } from "#src/tools/registry.ts";
export { secret, SecretReference } from "#src/tools/secret.ts";
