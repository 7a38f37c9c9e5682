// Restate: a handler of a service, served over HTTP/2, called back by the server; each step is a ctx.run.
import * as restate from "@restatedev/restate-sdk";
import * as clients from "@restatedev/restate-sdk-clients";
import { STEPS_PER_WORKFLOW } from "../protocol.ts";
import { serve } from "../worker.ts";

await serve(async ({ address, port }, step) => {
  const [ingressPort, adminPort] = address.split(" ");
  const service = restate.service({
    name: "ten",
    handlers: {
      run: async (ctx, workflow) => {
        let last = 0;
        for (let index = 0; index < STEPS_PER_WORKFLOW; index++)
          last = await ctx.run(`s${index}`, async () => step(workflow, index));
        return last;
      },
    },
  });
  await restate.serve({ services: [service], port });
  await deploy(`http://127.0.0.1:${adminPort}/deployments`, `http://127.0.0.1:${port}`);
  const ten = clients.connect({ url: `http://127.0.0.1:${ingressPort}` }).serviceClient(service);
  return {
    run: async (workflow) => {
      await ten.run(workflow);
    },
    // The server calls again by itself.
    goOn: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
});

async function deploy(admin, uri) {
  const response = await fetch(admin, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ uri }),
  });
  if (!response.ok) throw new Error(`the deployment was refused: ${response.status} ${await response.text()}`);
}
