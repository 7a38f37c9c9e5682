import type * as AnthropicPackage from "@ai-sdk/anthropic";
import type * as GooglePackage from "@ai-sdk/google";
import type * as OpenAIPackage from "@ai-sdk/openai";
import type * as CompatiblePackage from "@ai-sdk/openai-compatible";
import type * as SdkPackage from "ai";
import { Fault } from "#events/fault.ts";
import type { ModelSettings } from "#src/model/settings.ts";

// The packages of the AI SDK, loaded when a model is first asked: they are optional, and who uses no model need not have them.
// Of each only what is used here is known.

type Sdk = Pick<typeof SdkPackage, "simulateStreamingMiddleware" | "streamText" | "wrapLanguageModel">;

/** Of the providers. */
const PACKAGES: Readonly<Record<ModelSettings["provider"], string>> = {
  "openai-compatible": "@ai-sdk/openai-compatible",
  openai: "@ai-sdk/openai",
  anthropic: "@ai-sdk/anthropic",
  google: "@ai-sdk/google",
};

/** Fault of all: `model-package-missing`. */
export function loadSdk(provider: ModelSettings["provider"]): Promise<Sdk> {
  return loaded(provider, () => import("ai"));
}

export function loadCompatible(): Promise<Pick<typeof CompatiblePackage, "createOpenAICompatible">> {
  return loaded("openai-compatible", () => import("@ai-sdk/openai-compatible"));
}

export function loadOpenAI(): Promise<Pick<typeof OpenAIPackage, "createOpenAI">> {
  return loaded("openai", () => import("@ai-sdk/openai"));
}

export function loadAnthropic(): Promise<Pick<typeof AnthropicPackage, "createAnthropic">> {
  return loaded("anthropic", () => import("@ai-sdk/anthropic"));
}

export function loadGoogle(): Promise<Pick<typeof GooglePackage, "createGoogle">> {
  return loaded("google", () => import("@ai-sdk/google"));
}

async function loaded<Module>(provider: ModelSettings["provider"], load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    const command = `npm install ai ${PACKAGES[provider]}`;
    const message = `the packages for models of ${provider} are not installed; run \`${command}\``;
    throw new Fault("model-package-missing", message, { cause });
  }
}
