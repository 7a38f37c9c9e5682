import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { openPlanwright, type Planwright } from "#src/compose.ts";
import { defineTool } from "#src/tools/define.ts";

// What answered requests teach, over the real engine: the history that a planning step reads is that of the plans before it.

const folder = mkdtempSync(path.join(tmpdir(), "planwright-learned-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const north = defineTool({
  name: "north.get_weather",
  version: "1.0.0",
  description: "Gets the weather forecast of a city.",
  input: z.strictObject({ city: z.string().describe("name of the city") }),
  output: z.object({ summary: z.string() }),
  sideEffects: "read",
  run: ({ city }) => ({ summary: `north of ${city}` }),
});
const south = defineTool({
  ...north,
  name: "south.get_weather",
  run: ({ city }) => ({ summary: `south of ${city}` }),
});
const CITIES =
  "Oslo Rome Paris Lima Quito Cairo Delhi Tokyo Seoul Accra Dakar Lagos Tunis Milan Turin Genoa Porto Lyon Nice Brest Ghent Basel".split(
    " ",
  );
const LONG_MS = 20_000;

function openStore(): Promise<Planwright> {
  return openPlanwright({
    store: mkdtempSync(path.join(folder, "store-")),
    root: folder,
    socket: false,
    tools: [north, south],
  });
}

async function answer({ client }: Planwright, request: string): Promise<unknown> {
  const { plan } = await client.ask({ request });
  return (await client.wait({ plan, timeoutMs: LONG_MS })).response;
}

describe("requests that were answered", () => {
  it("teach which of two tools is meant that are described alike, once there are enough of them", async () => {
    await using untaught = await openStore();
    expect(await answer(untaught, "Get the weather forecast for a trip to Madrid")).toContain("north of Madrid");
    await using planwright = await openStore();
    for (const city of CITIES) {
      const said = await answer(planwright, `Get the weather forecast for a trip to ${city}, use south.get_weather`);
      expect(said).toContain(`south of ${city}`);
    }
    expect(await answer(planwright, "Get the weather forecast for a trip to Madrid")).toContain("south of Madrid");
  });
});
