import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { defineTool, ToolFailure } from "planwright";

export const digest = defineTool({
  name: "release.digest",
  version: "1.0.0",
  description: "Takes the SHA-256 of files below the root.",
  input: z.strictObject({ paths: z.array(z.string()) }),
  output: z.array(z.object({ path: z.string(), sha256: z.string() })),
  sideEffects: "read",
  async run({ paths }, context) {
    const root = context.roots.fs;
    const digests: { path: string; sha256: string }[] = [];
    for (const [index, name] of paths.entries()) {
      context.progress({ percent: (index / paths.length) * 100, message: name });
      const file = path.resolve(root, name);
      if (!file.startsWith(root + path.sep)) throw new ToolFailure("permission", `${name} is not below the root`);
      const bytes = await readFile(file, { signal: context.signal });
      digests.push({ path: name, sha256: createHash("sha256").update(bytes).digest("hex") });
    }
    return digests;
  },
});
