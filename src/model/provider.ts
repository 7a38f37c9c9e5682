import type { LanguageModel } from "ai";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { loadAnthropic, loadCompatible, loadGoogle, loadOpenAI } from "#src/model/packages.ts";
import type { ModelSettings } from "#src/model/settings.ts";
import { isStrict } from "#src/model/strict-schema.ts";

// The providers, as their packages make them.
//
// P1. Key and address are always given: left out, the packages would take them from variables of the environment that nobody
//     has named here.
// P2. OpenAI is spoken to by chat completions: its newer protocol keeps what is said on the other side unless it is told not to.

interface Way {
  readonly settings: ModelSettings;
  readonly key: string | undefined;
  readonly fetch: typeof fetch;
}

/** What AI SDK's functions take and its middleware wraps. */
export type ProviderModel = Exclude<LanguageModel, string>;

/** Fault: `model-package-missing`. */
export async function providerModel({ settings, key = "", fetch }: Way): Promise<ProviderModel> {
  const { provider, model, baseUrl } = settings;
  const baseURL = (baseUrl ?? PLACES[provider]).replace(/\/$/, "");
  switch (provider) {
    case "openai-compatible": {
      const { createOpenAICompatible } = await loadCompatible();
      const supportsStructuredOutputs = (settings.structured ?? "schema") === "schema";
      const optional = { ...(key === "" ? {} : { apiKey: key }), includeUsage: true, supportsStructuredOutputs };
      return createOpenAICompatible({ name: "compatible", baseURL, fetch, ...optional })(model);
    }
    case "openai":
      return (await loadOpenAI()).createOpenAI({ baseURL, apiKey: key, fetch }).chat(model);
    case "anthropic":
      return (await loadAnthropic()).createAnthropic({ baseURL, apiKey: key, fetch })(model);
    case "google":
      return (await loadGoogle()).createGoogle({ baseURL, apiKey: key, fetch })(model);
  }
}

const PLACES: Readonly<Record<ModelSettings["provider"], string>> = {
  // Has no place of its own; the configuration is refused without one.
  "openai-compatible": "http://127.0.0.1",
  openai: "https://api.openai.com/v1",
  anthropic: "https://api.anthropic.com/v1",
  google: "https://generativelanguage.googleapis.com/v1beta",
};

/** OpenAI refuses a schema that is not strict if it is told to be. */
export function optionsFor(schema: JsonSchema | undefined) {
  const strictJsonSchema = schema !== undefined && isStrict(schema);
  return { openai: { strictJsonSchema }, compatible: { strictJsonSchema } };
}
