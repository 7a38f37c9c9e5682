// BullMQ: a flow of ten jobs, each the parent of the one that has to be done before it; the worker is in this process.
import process from "node:process";
import { FlowProducer, Worker } from "bullmq";
import { MOST_IN_FLIGHT, STEPS_PER_WORKFLOW } from "../protocol.ts";
import { serve } from "../worker.ts";

const QUEUE = "steps";
const LAST = STEPS_PER_WORKFLOW - 1;

await serve(async ({ address }, step) => {
  const [host, port] = address.split(":");
  const connection = { host, port: Number(port) };
  const flows = new FlowProducer({ connection });
  const waiting = new Map();
  const worker = new Worker(
    QUEUE,
    async ({ data }) => step(data.workflow, data.index),
    // Workers must not give up on Redis, as BullMQ's page about production says.
    { connection: { ...connection, maxRetriesPerRequest: null }, concurrency: MOST_IN_FLIGHT },
  );
  worker.on("completed", ({ data }) => {
    if (data.index === LAST) waiting.get(data.workflow)?.();
  });
  worker.on("error", (error) => process.stderr.write(`${error.stack}\n`));
  await worker.waitUntilReady();
  return {
    run: async (workflow) => {
      const ended = new Promise((resolve) => waiting.set(workflow, resolve));
      await flows.add(chain(workflow, LAST));
      await ended;
      waiting.delete(workflow);
    },
    // The job that stalled is found by the worker's own check.
    goOn: async () => undefined,
    [Symbol.asyncDispose]: async () => {
      await worker.close();
      await flows.close();
    },
  };
});

function chain(workflow, index) {
  const job = { name: `s${index}`, queueName: QUEUE, data: { workflow, index } };
  return index === 0 ? job : { ...job, children: [chain(workflow, index - 1)] };
}
