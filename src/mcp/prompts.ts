import {
  ErrorCode,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  McpError,
} from "@modelcontextprotocol/sdk/types.js";
import { cutText } from "#src/mcp/bounded.ts";
import type { McpSession } from "#src/mcp/session.ts";

// Prompts that a person picks in a client, to begin a conversation that leads to a plan. What the person says goes in as it is,
// up to a bound; nothing of a plan does.

const MAX_GOAL_CHARS = 10_000;

const WRITE_PLAN = {
  name: "write_plan",
  title: "Write a plan",
  description: "Writes a plan for a goal with the tools there are, checks it, and starts it when you agree.",
  arguments: [{ name: "goal", description: "what is to be done, in your own words", required: true }],
};

export function servePrompts({ server }: McpSession): void {
  server.setRequestHandler(ListPromptsRequestSchema, () => ({ prompts: [WRITE_PLAN] }));
  server.setRequestHandler(GetPromptRequestSchema, ({ params }) => {
    const { name, arguments: given = {} } = params;
    if (name !== WRITE_PLAN.name) throw new McpError(ErrorCode.InvalidParams, "there is no such prompt");
    const { goal = "" } = given;
    if (goal.trim() === "") throw new McpError(ErrorCode.InvalidParams, "write_plan wants a goal");
    return {
      description: WRITE_PLAN.description,
      messages: [{ role: "user", content: { type: "text", text: textFor(cutText(goal, MAX_GOAL_CHARS)) } }],
    };
  });
}

function textFor(goal: string): string {
  return `Write a plan of Planwright for this goal:

${goal}

1. Read the resource planwright://plan-language.
2. Find the tools that it takes by tool_list, and their arguments by tool_describe. Use no others. If some are missing, say which.
3. Write the plan: small steps that name what they need, an approval before whatever cannot be taken back, an undo where there is one.
4. Check it by plan_validate until it has no findings.
5. Show it to me, and say in a few sentences what it does and what it changes. Start it by plan_submit only when I agree, with a key of your own; then follow it by plan_wait and tell me what came of it.`;
}
