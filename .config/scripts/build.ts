// Builds dist/: JavaScript and declarations of the rooms that ship, and dist's own package.json.
//
// The sources import each other as "#events/envelope.ts". The compiler rewrites relative endings only, so dist/ is a
// package scope of its own whose `imports` map the same names onto its .js files (and TypeScript finds the .d.ts beside).
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.ts";

const ROOMS = ["events", "machines", "projections", "src"];

const root = fileURLToPath(new URL("../..", import.meta.url));
const dist = path.join(root, "dist");
const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");

rmSync(dist, { recursive: true, force: true });
const compiled = spawnSync(process.execPath, [compiler, "-p", path.join(root, ".config", "tsconfig.build.json")], {
  stdio: "inherit",
});
if (compiled.status === 0) {
  const imports = {
    "#events/sha256.ts": { node: "./src/ports/system/sha256.js", default: "./events/sha256.js" },
    ...Object.fromEntries(ROOMS.map((room) => [`#${room}/*.ts`, `./${room}/*.js`])),
  };
  const scope = { private: true, type: "module", imports };
  writeFileSync(path.join(dist, "package.json"), `${JSON.stringify(scope, null, 2)}\n`);
  await bundle(dist);
} else {
  rmSync(dist, { recursive: true, force: true });
  process.exitCode = 1;
}
