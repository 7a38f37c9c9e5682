/// <reference lib="esnext.disposable" preserve="true" />
// The door for tests of plans and tools, `planwright/testing`: no server, no mocks, no sleeping, any test runner.
// What is exported here is what a test may rely on; everything else may move.

export { fact, type Fact, type FactOf, type FactType } from "#events/catalog.ts";
export type { Command, CommandOf } from "#events/commands.ts";
export { decide } from "#machines/decide/decide.ts";

export { recordedModel, replayedModel, type RecordingOptions, type ReplayOptions } from "#src/model/replay.ts";
export {
  scriptedModel,
  type ModelAct,
  type ModelScript,
  type ScriptedModel,
  type ScriptedModelOptions,
} from "#src/model/scripted.ts";
export { toolsOfModel } from "#src/planning/with-model/tools.ts";
export type { Model, ModelAnswer, ModelCall, ModelFailure, ModelMessage, ModelRequest } from "#src/ports/model.ts";

export {
  expectReplay,
  readHistory,
  recordHistory,
  writeHistory,
  type HistorySource,
  type RecordedHistory,
} from "#src/testing/history.ts";
export type { ScriptedApproval, ScriptedCommand, ScriptedSignal, Verdict } from "#src/testing/person.ts";
export { runPlan, virtualClock, type PlanRun, type RunOptions } from "#src/testing/run-plan.ts";
export {
  advancing,
  scenario,
  SCENARIO,
  startedFacts,
  type Ask,
  type Outcome,
  type Scenario,
} from "#src/testing/scenario.ts";
export {
  fails,
  hangs,
  ignoresAbort,
  scriptedLike,
  scriptedTool,
  takes,
  type Act,
  type Script,
  type ScriptedCall,
  type ScriptedTool,
  type ScriptedToolOptions,
} from "#src/testing/scripted-tool.ts";
export { VirtualClock, type RunBounds, type VirtualClockOptions } from "#src/testing/virtual-clock.ts";
