import process from "node:process";
import { changeTools } from "#src/implementation/changes/change-tools.ts";
import { askedChecks } from "./asked-checks.ts";
import { reachThat } from "./crashing-reach.ts";

// The tools as a module of the command line's. With KILL_AT the process ends itself, without a word, at that operation of the file
// system or of git.

const at = Number(process.env["KILL_AT"] ?? 0);
let done = 0;

export const tools = changeTools(
  askedChecks,
  reachThat(() => {
    done += 1;
    if (done === at) process.kill(process.pid, "SIGKILL");
  }),
);
