import process from "node:process";
import * as library from "planwright";
import { stepTool } from "../planwright/engine.ts";
import { isSlow } from "../protocol.ts";
import { slowStep } from "../worker.ts";

// What the executor runs: the same step as in process. That a step began is counted where it is dispatched.

const ledger = process.env["PEER_LEDGER"] ?? "";

export const step = stepTool(library, (workflow, index) =>
  isSlow(workflow) ? slowStep(ledger, workflow, index) : index,
);
