#!/usr/bin/env node
// The border between a user's shell and the program: plain CommonJS in old syntax, because the first thing that it has
// to do is to tell an old Node, which could not even parse the rest, what is missing.
//
// B1. --version is answered from package.json alone: nothing else is loaded.
// B2. Under node_modules only dist/ can run (Node refuses to strip types there). In a checkout the sources run, so that
//     a stale dist/ never answers for them; PLANWRIGHT_DIST=1 asks for dist/ there.
// B3. The program runs in this process: signals and the exit code need no passing on.
"use strict";

const fs = require("fs");
const path = require("path");
const url = require("url");

const REQUIRED_MAJOR = 24;
const EXIT_FAULT = 70; // EX_SOFTWARE of sysexits
const EXIT_CANNOT_START = 78; // EX_CONFIG of sysexits

const root = path.join(fs.realpathSync(__dirname), "..", "..");
const isInstalled = root.split(path.sep).includes("node_modules");
const found = process.versions.node;

if (isVersionAsked(process.argv)) {
  process.stdout.write(`${require("../../package.json").version}\n`);
} else if (Number(found.split(".")[0]) < REQUIRED_MAJOR) {
  refuse(
    `this program needs Node ${REQUIRED_MAJOR} or newer and runs on Node ${found}`,
    isInstalled
      ? `install Node ${REQUIRED_MAJOR}, or add it to this project: npm install node@${REQUIRED_MAJOR}, then npx planwright`
      : `run npm ci in ${root} (it brings Node ${REQUIRED_MAJOR}), then npx planwright or the npm scripts there`,
  );
} else {
  start(chooseEntry());
}

function isVersionAsked(argv) {
  return argv.length === 3 && (argv[2] === "--version" || argv[2] === "-V");
}

function chooseEntry() {
  const sources = path.join(root, "src", "cli", "main.ts");
  const built = path.join(root, "dist", "src", "cli", "main.js");
  if (isInstalled || process.env.PLANWRIGHT_DIST === "1") return built;
  return fs.existsSync(sources) ? sources : built;
}

function start(entry) {
  if (!fs.existsSync(entry)) {
    refuse(`this copy lacks ${entry}`, isInstalled ? "install the package again" : `run npm run build in ${root}`);
    return;
  }
  require("module").enableCompileCache();
  import(url.pathToFileURL(entry).href)
    .then((cli) => cli.main(process.argv.slice(2)))
    .then(
      (exitCode) => {
        process.exitCode = exitCode;
      },
      (error) => {
        process.stderr.write(`${error && error.stack ? error.stack : String(error)}\n`);
        process.exitCode = EXIT_FAULT;
      },
    );
}

function refuse(problem, mend) {
  process.stderr.write(`planwright: ${problem}.\n  mend: ${mend}\n`);
  process.exitCode = EXIT_CANNOT_START;
}
