// Effect workflow: its cluster engine as one runner in this process, messages and replies in SQLite; each step is an Activity.
import path from "node:path";
import { ClusterWorkflowEngine, SingleRunner } from "@effect/cluster";
import * as SqlClient from "@effect/sql/SqlClient";
import { SqliteClient } from "@effect/sql-sqlite-node";
import { Activity, Workflow } from "@effect/workflow";
import { Effect, Layer, Logger, LogLevel, ManagedRuntime, Schema } from "effect";
import { STEPS_PER_WORKFLOW } from "../protocol.ts";
import { serve } from "../worker.ts";

const Ten = Workflow.make({
  name: "ten",
  payload: { workflow: Schema.String },
  success: Schema.Number,
  idempotencyKey: ({ workflow }) => workflow,
});

await serve(async ({ folder }, step) => {
  const sql = SqliteClient.layer({ filename: path.join(folder, "cluster.sqlite") });
  // better-sqlite3 is built with NORMAL for write-ahead logs, which does not sync a commit.
  const synced = Layer.effectDiscard(
    Effect.flatMap(SqlClient.SqlClient, (client) => client`PRAGMA synchronous = FULL`),
  );
  const engine = ClusterWorkflowEngine.layer.pipe(
    Layer.provideMerge(SingleRunner.layer({ shardingConfig: { simulateRemoteSerialization: false } })),
    Layer.provideMerge(synced.pipe(Layer.provideMerge(sql))),
  );
  const runtime = ManagedRuntime.make(
    workflowOf(step).pipe(Layer.provideMerge(engine), Layer.provide(Logger.minimumLogLevel(LogLevel.Warning))),
  );
  await runtime.runtime();
  return {
    run: async (workflow) => {
      await runtime.runPromise(Ten.execute({ workflow }));
    },
    // Messages without a reply are read from the storage again.
    goOn: async () => undefined,
    [Symbol.asyncDispose]: () => runtime.dispose(),
  };
});

function workflowOf(step) {
  return Ten.toLayer(
    Effect.fn(function* ({ workflow }) {
      let last = 0;
      for (let index = 0; index < STEPS_PER_WORKFLOW; index++) {
        last = yield* Activity.make({
          name: `s${index}`,
          success: Schema.Number,
          execute: Effect.promise(async () => step(workflow, index)),
        });
      }
      return last;
    }),
  );
}
