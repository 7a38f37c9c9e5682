import { actorOf } from "#src/compose.ts";
import type { Holder } from "#src/cli/holder.ts";
import { plural } from "#src/cli/text.ts";

/** What an earlier process left goes on; what cannot is named and stays as it is. */
export async function takeUp(
  { app, engine }: Pick<Holder, "app" | "engine">,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  for (const { plan } of engine.quarantined()) {
    tell(`${plan} is quarantined and left alone; planwright doctor shows why`);
  }
  const plans = await app.resume(undefined, { actor: actorOf(), signal });
  for (const { plan, name, because } of plans) {
    if (because !== undefined) tell(`${name} (${plan}) is left as it is: ${because.code}: ${because.message}`);
  }
  const going = plans.filter(({ goesOn }) => goesOn).length;
  if (going > 0) tell(`${plural(going, "interrupted plan")} taken up`);
}
