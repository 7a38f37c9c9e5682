import { z } from "zod";
import { commandLine } from "#src/implementation/checks/check.ts";

// What a change does, one after the other, in a worktree of its own.
// Paths are relative to that, and stay inside of it.

const MAX_PATH_CHARS = 4_096;
const MAX_CONTENT_CHARS = 4 * 1024 * 1024;
const MAX_TIMEOUT_MS = 60 * 60 * 1000;
const MAX_MESSAGE_CHARS = 10_000;

const path = z.string().min(1).max(MAX_PATH_CHARS);
const content = z.string().max(MAX_CONTENT_CHARS);
const running = {
  run: commandLine,
  timeoutMs: z
    .int()
    .positive()
    .max(MAX_TIMEOUT_MS)
    .default(5 * 60 * 1000),
};

export const action = z.discriminatedUnion("do", [
  z.strictObject({
    do: z.literal("write"),
    path,
    text: content,
    encoding: z.enum(["utf8", "base64"]).default("utf8"),
    executable: z.boolean().exactOptional().describe("default: as the file was"),
  }),
  z.strictObject({
    do: z.literal("edit"),
    path,
    find: content.min(1).describe("exactly as it stands there, once"),
    replace: content,
    all: z.boolean().default(false).describe("every place, where there is more than one"),
  }),
  z.strictObject({ do: z.literal("patch"), patch: content.min(1).describe("a unified diff") }),
  z.strictObject({ do: z.literal("move"), from: path, to: path }),
  z.strictObject({ do: z.literal("delete"), path }),
  z.strictObject({ do: z.literal("run"), ...running }),
  z.strictObject({ do: z.literal("format"), ...running }),
  z.strictObject({ do: z.literal("test"), ...running }),
  z.strictObject({ do: z.literal("commit"), message: z.string().min(1).max(MAX_MESSAGE_CHARS) }),
]);
export type Action = z.output<typeof action>;
