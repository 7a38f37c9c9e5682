import { changeTools } from "#src/implementation/changes/change-tools.ts";
import type { CheckRunner } from "#src/implementation/changes/making.ts";
import { Places, type PlacesAround } from "#src/implementation/checks/places.ts";
import { checkTool } from "#src/implementation/checks/tool-check.ts";
import { codeContext } from "#src/implementation/codebase/code-context.ts";
import { draftTool, type DraftingOptions } from "#src/implementation/drafting/tool-draft.ts";
import { backlogTool } from "#src/implementation/gaps/tool-backlog.ts";
import { gapsTool } from "#src/implementation/gaps/tool-gaps.ts";
import { outlineTool } from "#src/implementation/gaps/tool-outline.ts";
import type { Tool } from "#src/tools/define.ts";

export interface ImplementationOptions extends PlacesAround {
  readonly drafting?: Omit<DraftingOptions, "tools">;
}

/** The tools by which a system is assessed and changed; what they need is loaded when one is called. */
export function implementationTools({ drafting, ...around }: ImplementationOptions = {}): readonly Tool[] {
  const places = new Places(around);
  const { tools } = around;
  const draft = tools === undefined ? [] : [draftTool({ ...drafting, tools })];
  const assessing = [checkTool(places), outlineTool(places), gapsTool(places), backlogTool(), codeContext];
  return [...assessing, ...draft, ...changeTools(acceptanceIn(places))];
}

/** Acceptance is asked anew: a worktree is another place each time. */
function acceptanceIn(places: Places): CheckRunner {
  return async (check, directory, context) => {
    const { askCheck } = await import("#src/implementation/checks/ask-check.ts");
    return askCheck(check, await places.at({ directory, cache: false }, context));
  };
}
