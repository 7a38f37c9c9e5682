import { answeringOperations } from "#src/api/operations/answering.ts";
import { followingOperations } from "#src/api/operations/following.ts";
import { lookingOperations } from "#src/api/operations/looking.ts";
import type { AnyOperation } from "#src/api/operations/operation.ts";
import { readingOperations } from "#src/api/operations/reading.ts";
import { reviewingOperations } from "#src/api/operations/reviewing.ts";
import { runningOperations } from "#src/api/operations/running.ts";

/** Every operation, once; a door is a loop over them. */
export const OPERATIONS = {
  ...runningOperations,
  ...readingOperations,
  ...followingOperations,
  ...answeringOperations,
  ...reviewingOperations,
  ...lookingOperations,
} satisfies Record<string, AnyOperation>;

export type Operations = typeof OPERATIONS;
export type OperationName = keyof Operations;
