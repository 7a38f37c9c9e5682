import { z } from "zod";

// What an assessment tells of what was assessed.

const count = z.int().min(0);

export const codebaseOutline = z.strictObject({
  files: count,
  bytes: count,
  languages: z
    .array(z.strictObject({ language: z.string(), files: count, bytes: count }))
    .describe("the largest first"),
  manifests: z.strictObject({ count, first: z.array(z.string()).describe("paths, those nearest to the top first") }),
  tests: z.strictObject({
    files: count,
    runners: z.array(z.strictObject({ runner: z.string(), directory: z.string(), command: z.array(z.string()) })),
  }),
});
export type CodebaseOutline = z.output<typeof codebaseOutline>;
