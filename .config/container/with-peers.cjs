// Prints package.json as an image needs it: the optional clients of servers are dependencies like others, in the versions that
// the tests ran with, and what only development needs is gone. npm takes the versions of what they need from the lock file.
"use strict";

const { peerDependencies, devDependencies, dependencies, ...manifest } = require(
  require("node:path").resolve("package.json"),
);

const peers = Object.keys(peerDependencies).map((name) => [name, devDependencies[name]]);
process.stdout.write(
  `${JSON.stringify({ ...manifest, dependencies: { ...dependencies, ...Object.fromEntries(peers) } }, null, 2)}\n`,
);
