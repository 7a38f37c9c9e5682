// Reads vitest's JSON report (the only argument) and prints "PASSED FAILED"; a file that failed without a failed test
// did not load, and counts as one failure.
"use strict";

const { readFileSync } = require("node:fs");

const report = JSON.parse(readFileSync(process.argv[2], "utf8"));
const unloaded = report.testResults.filter(
  ({ status, assertionResults }) =>
    status === "failed" && !assertionResults.some((assertion) => assertion.status === "failed"),
);
process.stdout.write(`${report.numPassedTests} ${report.numFailedTests + unloaded.length}\n`);
