// LangGraph.js: a graph of ten nodes in a row, checkpointed into SQLite before the next node begins (durability "sync").
import path from "node:path";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";
import Database from "better-sqlite3";
import { STEPS_PER_WORKFLOW } from "../protocol.ts";
import { serve } from "../worker.ts";

await serve(async ({ folder }, step) => {
  const database = new Database(path.join(folder, "checkpoints.sqlite"));
  // better-sqlite3 is built with NORMAL for write-ahead logs, which does not sync a commit.
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  const graph = graphOf(step).compile({ checkpointer: new SqliteSaver(database) });
  const options = (workflow) => ({ configurable: { thread_id: workflow }, durability: "sync" });
  return {
    run: async (workflow) => {
      await graph.invoke({ workflow, last: 0 }, options(workflow));
    },
    // No input: it goes on from the thread's last checkpoint.
    goOn: async (workflow) => {
      await graph.invoke(null, options(workflow));
    },
    [Symbol.asyncDispose]: async () => {
      database.close();
    },
  };
});

function graphOf(step) {
  const graph = new StateGraph(Annotation.Root({ workflow: Annotation(), last: Annotation() }));
  for (let index = 0; index < STEPS_PER_WORKFLOW; index++) {
    graph.addNode(`s${index}`, async ({ workflow }) => ({ last: await step(workflow, index) }));
    graph.addEdge(index === 0 ? START : `s${index - 1}`, `s${index}`);
  }
  return graph.addEdge(`s${STEPS_PER_WORKFLOW - 1}`, END);
}
