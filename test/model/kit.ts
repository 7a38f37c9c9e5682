// What tests of models share: a key that must not show up anywhere, and a real model behind a peer.
import { languageModel } from "#src/model/adapter.ts";
import type { ModelSettings } from "#src/model/settings.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Model, ModelAnswer, ModelRequest } from "#src/ports/model.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { memorySecrets } from "#src/secrets/memory.ts";
import { secretsFrom } from "#src/secrets/source.ts";
import { peer, type PeerAct, type Provider } from "./peer.ts";

export const KEY = "sk-test-9f8e7d6c5b4a-do-not-tell";
export const secrets = secretsFrom(memorySecrets(new Map([["MODEL_KEY", KEY]])));

export const HELLO: ModelRequest = {
  messages: [
    { role: "system", text: "Be short." },
    { role: "user", text: "Say hello." },
  ],
  maxOutputTokens: 100,
};

export function modelAt(settings: ModelSettings, clock: Clock = systemClock): Model {
  return languageModel(settings, { secrets, clock });
}

export interface Talk {
  readonly answer: ModelAnswer;
  readonly pieces: readonly string[];
  readonly peer: Awaited<ReturnType<typeof peer>>;
}

/** One exchange with a peer that does this. */
export async function talk(provider: Provider, act: PeerAct, request: Partial<ModelRequest> = {}): Promise<Talk> {
  const served = await peer([act]);
  const pieces: string[] = [];
  const { signal } = new AbortController();
  const model = modelAt(served.settings(provider));
  const answer = await model.generate({ ...HELLO, ...request }, { signal, onText: (piece) => pieces.push(piece) });
  return { answer, pieces, peer: served };
}
