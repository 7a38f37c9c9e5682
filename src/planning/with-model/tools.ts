import { modelBook, type ModelBook } from "#src/model/model-book.ts";
import type { ModelRecorder } from "#src/model/recording.ts";
import { limitsOf, type ModelLimits } from "#src/model/settings.ts";
import type { UsedModel } from "#src/model/tool-asking.ts";
import { modelTools } from "#src/model/tools.ts";
import { answerTool } from "#src/planning/with-model/tool-answer.ts";
import { judgeTool } from "#src/planning/with-model/tool-judge.ts";
import type { Model } from "#src/ports/model.ts";
import type { Tool } from "#src/tools/define.ts";

/** Every tool that asks a model. Those whose prompts are made here, and not by the plan, have them recorded. */
export function allModelTools(book: ModelBook, recorder?: ModelRecorder): readonly Tool[] {
  const used = (name?: string): UsedModel => ({ ...book.get(name), recorder });
  return [...modelTools(book), answerTool(used, book.maxTimeMs), judgeTool(used, book.maxTimeMs)];
}

/** The same over one model, whatever it is: for a program, and for tests with a scripted one. */
export function toolsOfModel(model: Model, limits: Partial<ModelLimits> = {}): readonly Tool[] {
  return allModelTools(modelBook({ default: { model, limits: { ...limitsOf(), ...limits } } }));
}
