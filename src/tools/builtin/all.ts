// Every tool that comes with Planwright: what each does stands with its definition.
// docs/tools.md describes them all; a test holds the two together.

import type { Tool } from "../define.ts";
import { BUILTIN, fromModule } from "../module.ts";
import { csvRead } from "./csv.ts";
import { fsGlob, fsList } from "./fs-list.ts";
import { fsRestore, fsSnapshot } from "./fs-restore.ts";
import { fsRead } from "./fs-read.ts";
import { fsWrite } from "./fs-write.ts";
import { gitDiff } from "./git-diff.ts";
import { gitLog } from "./git-log.ts";
import { gitStatus } from "./git-status.ts";
import { httpGetTool, httpJson } from "./http.ts";
import { jsonRead } from "./json.ts";
import { jsonTransform } from "./json-transform.ts";
import { shellRun } from "./shell.ts";
import { textCount, textReplace, textWrap } from "./text.ts";

/** Each by its name in code, with the types of its arguments and its output: `builtin.fsRead`. */
export const builtin = {
  csvRead: fromModule(csvRead, BUILTIN),
  fsGlob: fromModule(fsGlob, BUILTIN),
  fsList: fromModule(fsList, BUILTIN),
  fsRead: fromModule(fsRead, BUILTIN),
  fsRestore: fromModule(fsRestore, BUILTIN),
  fsSnapshot: fromModule(fsSnapshot, BUILTIN),
  fsWrite: fromModule(fsWrite, BUILTIN),
  gitDiff: fromModule(gitDiff, BUILTIN),
  gitLog: fromModule(gitLog, BUILTIN),
  gitStatus: fromModule(gitStatus, BUILTIN),
  httpGet: fromModule(httpGetTool, BUILTIN),
  httpJson: fromModule(httpJson, BUILTIN),
  jsonRead: fromModule(jsonRead, BUILTIN),
  jsonTransform: fromModule(jsonTransform, BUILTIN),
  shellRun: fromModule(shellRun, BUILTIN),
  textCount: fromModule(textCount, BUILTIN),
  textReplace: fromModule(textReplace, BUILTIN),
  textWrap: fromModule(textWrap, BUILTIN),
};

export const builtinTools: readonly Tool[] = Object.values(builtin);
