// DBOS: the library in this process, its system database in PostgreSQL; each step is a DBOS.runStep.
import { DBOS } from "@dbos-inc/dbos-sdk";
import { MOST_IN_FLIGHT, STEPS_PER_WORKFLOW } from "../protocol.ts";
import { serve } from "../worker.ts";

await serve(async ({ address }, step) => {
  DBOS.setConfig({
    name: "peers",
    systemDatabaseUrl: address,
    systemDatabasePoolSize: MOST_IN_FLIGHT,
    logLevel: "warn",
    tracingEnabled: false,
  });
  const ten = DBOS.registerWorkflow(
    async (workflow) => {
      let last = 0;
      for (let index = 0; index < STEPS_PER_WORKFLOW; index++) {
        last = await DBOS.runStep(async () => step(workflow, index), { name: `s${index}` });
      }
      return last;
    },
    { name: "ten" },
  );
  await DBOS.launch();
  return {
    run: async (workflow) => {
      const handle = await DBOS.startWorkflow(ten, { workflowID: workflow })(workflow);
      await handle.getResult();
    },
    // What this executor left is taken up when it launches.
    goOn: async () => undefined,
    [Symbol.asyncDispose]: () => DBOS.shutdown(),
  };
});
