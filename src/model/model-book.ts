import { nearestName } from "#machines/expressions/nearest-name.ts";
import { languageModel, type AdapterDeps } from "#src/model/adapter.ts";
import { DEFAULT_MODEL, limitsOf, type ModelLimits, type ModelSettings } from "#src/model/settings.ts";
import type { Model } from "#src/ports/model.ts";
import { ToolFailure } from "#src/tools/define.ts";

// The models of one process, by the names that the configuration gives them. What a name stands for is decided here once, for
// the tools and for planning.

export interface BookedModel {
  readonly model: Model;
  readonly limits: ModelLimits;
}

export interface ModelBook {
  /** Sorted. */
  readonly names: readonly string[];
  /** The longest that a call of one of them may take. */
  readonly maxTimeMs: number;
  /** Default: the one called `default`, else the only one. Throws a ToolFailure `model-not-configured`. */
  get(name?: string): BookedModel;
}

export function modelBook(models: Readonly<Record<string, BookedModel>>): ModelBook {
  const names = Object.keys(models).sort();
  const [only] = names;
  const fallback = Object.hasOwn(models, DEFAULT_MODEL) || names.length !== 1 ? DEFAULT_MODEL : only;
  return {
    names,
    maxTimeMs: Math.max(1, ...Object.values(models).map(({ limits }) => limits.maxTimeMs)),
    get: (name = fallback) => {
      const found = name !== undefined && Object.hasOwn(models, name) ? models[name] : undefined;
      if (found !== undefined) return found;
      const nearest = nearestName(name ?? "", names);
      const hint = nearest === undefined ? `there are ${names.join(", ") || "none"}` : `did you mean ${nearest}?`;
      const message = `no model is called ${JSON.stringify(name)} in the configuration; ${hint}`;
      throw new ToolFailure("not-found", message, { code: "model-not-configured" });
    },
  };
}

/** The models that the configuration names; nothing is loaded or asked yet. */
export function configuredModels(settings: Readonly<Record<string, ModelSettings>>, deps: AdapterDeps): ModelBook {
  const booked = Object.entries(settings).map(([name, one]) => {
    return [name, { model: languageModel(one, deps), limits: limitsOf(one) }] as const;
  });
  return modelBook(Object.fromEntries(booked));
}
