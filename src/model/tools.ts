import { modelBook, type ModelBook } from "#src/model/model-book.ts";
import { limitsOf, type ModelLimits } from "#src/model/settings.ts";
import { classifyTool } from "#src/model/tool-classify.ts";
import { extractTool } from "#src/model/tool-extract.ts";
import { generateTool } from "#src/model/tool-generate.ts";
import type { Model } from "#src/ports/model.ts";
import type { Tool } from "#src/tools/define.ts";

/** The tools that ask a model; they run in the loop, where the models are. */
export function modelTools(book: ModelBook): readonly Tool[] {
  return [classifyTool(book), extractTool(book), generateTool(book)];
}

/** The same over one model, whatever it is: for a program, and for tests with a scripted one. */
export function toolsOfModel(model: Model, limits: Partial<ModelLimits> = {}): readonly Tool[] {
  return modelTools(modelBook({ default: { model, limits: { ...limitsOf(), ...limits } } }));
}
