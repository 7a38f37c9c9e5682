// OpenWorkflow: the library and its worker in this process, over its SQLite backend; each step is a step.run.
import path from "node:path";
import { OpenWorkflow } from "openworkflow";
import { BackendSqlite } from "openworkflow/sqlite";
import { MOST_IN_FLIGHT, STEPS_PER_WORKFLOW } from "../protocol.ts";
import { serve } from "../worker.ts";

await serve(async ({ folder }, step) => {
  const backend = BackendSqlite.connect(path.join(folder, "openworkflow.sqlite"));
  const client = new OpenWorkflow({ backend });
  const waiting = new Map();
  const ten = client.defineWorkflow({ name: "ten" }, async ({ input, step: steps }) => {
    let last = 0;
    for (let index = 0; index < STEPS_PER_WORKFLOW; index++) {
      last = await steps.run({ name: `s${index}` }, async () => step(input.workflow, index));
    }
    // Whoever waits by the handle asks once a second; here the end of its function counts as the workflow's end.
    waiting.get(input.workflow)?.();
    return last;
  });
  const worker = client.newWorker({ concurrency: MOST_IN_FLIGHT });
  await worker.start();
  return {
    run: async (workflow) => {
      const ended = new Promise((resolve) => waiting.set(workflow, resolve));
      await ten.run({ workflow });
      await ended;
      waiting.delete(workflow);
    },
    // The run is claimed again when its lease has expired.
    goOn: async () => undefined,
    [Symbol.asyncDispose]: async () => {
      await worker.stop();
      await backend.stop();
    },
  };
});
