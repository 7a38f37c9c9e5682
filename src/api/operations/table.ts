import * as answering from "#src/api/operations/answering.ts";
import * as following from "#src/api/operations/following.ts";
import * as looking from "#src/api/operations/looking.ts";
import type { AnyOperation } from "#src/api/operations/operation.ts";
import * as reading from "#src/api/operations/reading.ts";
import * as running from "#src/api/operations/running.ts";

/** Every operation, once. What is exported by the files of this folder is an entry; a door is a loop over them. */
export const OPERATIONS = {
  ...running,
  ...reading,
  ...following,
  ...answering,
  ...looking,
} as const satisfies Record<string, AnyOperation>;

export type Operations = typeof OPERATIONS;
export type OperationName = keyof Operations;
