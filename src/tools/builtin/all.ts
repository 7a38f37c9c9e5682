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

const tools: readonly Tool[] = [
  csvRead,
  fsGlob,
  fsList,
  fsRead,
  fsRestore,
  fsSnapshot,
  fsWrite,
  gitDiff,
  gitLog,
  gitStatus,
  httpGetTool,
  httpJson,
  jsonRead,
  jsonTransform,
  shellRun,
  textCount,
  textReplace,
  textWrap,
];

export const builtinTools: readonly Tool[] = tools.map((tool) => fromModule(tool, BUILTIN));
