import { fileURLToPath } from "node:url";
import { createContext, Script } from "node:vm";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { served, TOKEN, type Served } from "../http/served.ts";

// What a browser loads of `planwright/client`: bundled as a web application does it, and run where there is nothing of Node.

const ENTRY = fileURLToPath(new URL("../../src/client/browser.ts", import.meta.url));

/** What browsers and workers have of what the client needs. */
const WEB = {
  ...{ fetch, URL, URLSearchParams, AbortController, AbortSignal, TextEncoder, TextDecoder },
  ...{ setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout, performance },
};

async function bundled() {
  await using build = await rolldown({ input: ENTRY, platform: "browser", logLevel: "silent" });
  const { output } = await build.generate({ format: "iife", name: "planwright" });
  return output;
}

let there: Served;
beforeAll(async () => {
  there = await served();
});
afterAll(() => there[Symbol.asyncDispose]());

describe("the client of browsers", () => {
  it("is one file that asks for nothing of Node", async () => {
    const [file, ...others] = await bundled();
    expect(others).toEqual([]);
    expect(file.imports).toEqual([]);
    expect(file.dynamicImports).toEqual([]);
    expect(file.moduleIds.filter((id) => /@nats-io|undici|src\/nats|node:/.test(id))).toEqual([]);
    expect(file.code).not.toMatch(/["']node:[a-z]/);
  });

  it("runs without Node's globals: submits, follows to the end, reads the response", async () => {
    const [file] = await bundled();
    const context = createContext({ ...WEB, url: there.guardedUrl, token: TOKEN });
    new Script(file.code).runInContext(context);
    const use = `(async () => {
      const client = planwright.connectHttp({ url, token });
      const { plan } = await client.submit({ source: "plan: web\\nsteps:\\n  a: { value: 7 }\\nrespond: it is \${steps.a.output}\\n" });
      const folded = new planwright.FoldedPlan(plan, client);
      for await (const fact of client.events({ plan })) {
        await folded.apply(fact);
        if (fact.type === "PlanSucceeded") break;
      }
      const { response } = await client.wait({ plan });
      const refused = await client.get({ plan: "no-such" }).catch(({ code }) => code);
      return JSON.stringify({ response, refused, ended: planwright.selectProgress(folded.state, Date.now()).done });
    })()`;
    const said: unknown = JSON.parse(String(await new Script(use).runInContext(context)));
    expect(said).toMatchObject({ response: "it is 7", refused: "plan-unknown" });
  });
});
