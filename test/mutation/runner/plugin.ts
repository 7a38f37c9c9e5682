import { declareClassPlugin, declareFactoryPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import { KeptResults } from "./kept-results.ts";
import { WarmRunner } from "./warm-runner.ts";

// What StrykerJS loads: our test runner into its child processes, and our reporter into its own.

export const RUNNER = "warm";
export const REPORTER = "kept";

export const strykerPlugins = [
  declareFactoryPlugin(PluginKind.TestRunner, RUNNER, WarmRunner.open),
  declareClassPlugin(PluginKind.Reporter, REPORTER, KeptResults),
];
