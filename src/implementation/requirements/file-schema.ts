import { z } from "zod";
import { jsonObject, type JsonObject } from "#events/json.ts";
import { requirementsFile } from "./requirement.ts";

let made: JsonObject | undefined;

/** The JSON Schema (draft 2020-12) of a file of requirements, for editors. */
export function requirementsJsonSchema(): JsonObject {
  return (made ??= jsonObject.parse({
    ...z.toJSONSchema(requirementsFile, { io: "input", target: "draft-2020-12", reused: "ref" }),
    title: "Planwright requirements",
  }));
}
