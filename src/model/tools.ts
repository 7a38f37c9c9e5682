import type { ModelBook } from "#src/model/model-book.ts";
import { classifyTool } from "#src/model/tool-classify.ts";
import { extractTool } from "#src/model/tool-extract.ts";
import { generateTool } from "#src/model/tool-generate.ts";
import type { Tool } from "#src/tools/define.ts";

/** The tools that ask a model; they run in the loop, where the models are. */
export function modelTools(book: ModelBook): readonly Tool[] {
  return [classifyTool(book), extractTool(book), generateTool(book)];
}
