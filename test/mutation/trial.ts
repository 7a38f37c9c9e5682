import { readFileSync, globSync } from "node:fs";
import { Stryker } from "@stryker-mutator/core";
import { hashOf } from "./kept.ts";
const files = process.argv.slice(2).flatMap((p) => globSync(p));
const hashes = Object.fromEntries(files.map((f) => [f, hashOf(readFileSync(f, "utf8"))]));
const t = Date.now();
const results = await new Stryker({
  mutate: files, testRunner: "warm", plugins: [new URL("runner/plugin.ts", import.meta.url).href], reporters: ["kept"],
  coverageAnalysis: "perTest", concurrency: 1, maxTestRunnerReuse: 300, timeoutMS: 5000, tempDirName: '.mutation/sandbox', disableTypeChecks: false, allowConsoleColors: false,
  warnings: false, ignorePatterns: ["dist", "bench", ".mutation", ".git", "docs/images"], 
  killingSuite: { include: ["test/{machines,events,histories,language}/**/*.test.ts"], exclude: ["test/machines/charts-page.test.ts", "test/machines/expressions/properties.test.ts", "test/language/{speed,extremes,plan-schema,plan-reference,docs,round-trip}.test.ts"] },
  keeping: { file: ".mutation/results.jsonl", hashes, whole: files },
} as never).runMutationTest();
const c: Record<string, number> = {};
for (const r of results) { const k = r.status + (r.static ? "*" : ""); c[k] = (c[k] ?? 0) + 1; }
console.log(c, (Date.now() - t) / 1000);
