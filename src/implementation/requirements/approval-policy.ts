import { z } from "zod";

// Who has to approve what: a policy holds for the changes of which its condition is true, and becomes an approve step before them.

export const approvalPolicy = z.strictObject({
  name: z.string().regex(/^[a-z][A-Za-z0-9_]*$/u),
  when: z
    .string()
    .min(1)
    .default("true")
    .describe("a CEL condition over `change` (risk, cost, files, irreversible, size, weight, difficulty, remedy)"),
  for: z.enum(["plan", "change"]).default("plan").describe("one question for all of them, or one for each"),
  role: z.string().min(1).exactOptional().describe("default: anybody"),
  approvers: z.int().min(1).max(20).default(1),
  expires: z.string().exactOptional().describe("a duration: 2d (default: never)"),
});
export type ApprovalPolicy = z.output<typeof approvalPolicy>;
