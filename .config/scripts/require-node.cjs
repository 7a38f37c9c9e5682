// The guard in front of every npm script: sources run by type stripping and node:sqlite, so an older Node would
// fail far from the cause. Plain CommonJS without new syntax, because an old Node has to parse it.
"use strict";

var fs = require("fs");
var path = require("path");

var REQUIRED_MAJOR = 24;
var found = process.versions.node;

if (Number(found.split(".")[0]) < REQUIRED_MAJOR) {
  var packageFolder = path.join(__dirname, "..", "..", "node_modules", "node");
  var binary = path.join(packageFolder, "bin", process.platform === "win32" ? "node.exe" : "node");
  var cause = !fs.existsSync(packageFolder)
    ? "the dependencies are not installed"
    : !fs.existsSync(binary)
      ? "the install script of the package 'node' did not run (npm ci --ignore-scripts?)"
      : "node_modules/.bin does not come first in PATH";
  var mend = !fs.existsSync(packageFolder)
    ? "npm ci"
    : !fs.existsSync(binary)
      ? "npm rebuild node --ignore-scripts=false"
      : "start it with `npm run <script>`, or put node_modules/.bin first in PATH";
  process.stderr.write(
    "planwright: this script needs Node " +
      REQUIRED_MAJOR +
      " or newer and runs on Node " +
      found +
      ".\n" +
      "  cause: " +
      cause +
      ".\n" +
      "  mend:  " +
      mend +
      "\n" +
      "         (or install Node " +
      REQUIRED_MAJOR +
      " or newer on this machine)\n",
  );
  process.exit(1);
}
