// fs.read: one file of the root as a value.

import { z } from "zod";
import { defineTool } from "../define.ts";
import { readBytes, readText } from "./file-content.ts";
import { pathArgument } from "./root.ts";

export const fsRead = defineTool({
  name: "fs.read",
  version: "1.0.0",
  description: "Reads a file inside the root. The output is its text, or base64 for any bytes.",
  input: z.strictObject({ path: pathArgument, encoding: z.enum(["utf8", "base64"]).default("utf8") }),
  output: z.string(),
  sideEffects: "read",
  async run({ path, encoding }, context) {
    return encoding === "utf8" ? readText(context, path) : (await readBytes(context, path)).toString("base64");
  },
});
