import type { Tool } from "#src/tools/define.ts";
import { makeTool, resolveTool } from "./make-tools.ts";
import type { CheckRunner } from "./making.ts";
import { mergeTool, revertTool } from "./merge-tools.ts";
import { readyTool } from "./ready-tool.ts";
import { replanTool } from "./replan-tool.ts";
import type { Reach } from "./repository.ts";

/** All by which a plan makes changes and takes them back. `check` asks acceptance checks. */
export function changeTools(check: CheckRunner, reach?: Reach): readonly Tool[] {
  const options = { reach, check };
  return [
    readyTool(options),
    makeTool(options),
    mergeTool(reach),
    revertTool(reach),
    resolveTool(options),
    replanTool(),
  ];
}
