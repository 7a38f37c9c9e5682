// The guard in front of every npm script: sources run by type stripping and node:sqlite, so an older Node would
// fail far from the cause. Plain CommonJS in old syntax, because an old Node has to parse it.
"use strict";

const fs = require("fs");
const path = require("path");

const REQUIRED_MAJOR = 24;
const found = process.versions.node;

if (Number(found.split(".")[0]) < REQUIRED_MAJOR) {
  const { cause, mend } = diagnose(path.join(__dirname, "..", "..", "node_modules", "node"));
  process.stderr.write(
    `planwright: this script needs Node ${REQUIRED_MAJOR} or newer and runs on Node ${found}.\n` +
      `  cause: ${cause}.\n` +
      `  mend:  ${mend}\n` +
      `         (or install Node ${REQUIRED_MAJOR} or newer on this machine)\n`,
  );
  process.exit(1);
}

// The package "node" brings the runtime; its install script puts the binary in place.
function diagnose(runtimePackage) {
  const binary = path.join(runtimePackage, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (!fs.existsSync(runtimePackage)) return { cause: "the dependencies are not installed", mend: "npm ci" };
  if (!fs.existsSync(binary)) {
    return {
      cause: "the install script of the package 'node' did not run (npm ci --ignore-scripts?)",
      mend: "npm rebuild node --ignore-scripts=false",
    };
  }
  return {
    cause: "node_modules/.bin does not come first in PATH",
    mend: "start it with `npm run <script>`, or put node_modules/.bin first in PATH",
  };
}
