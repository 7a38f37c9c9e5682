import process from "node:process";
import { StandIn } from "../store/kurrent/stand-in.ts";

// NOT EventStoreDB: the stand-in as a process of its own, so that coordinators of other processes share it. Its log is in memory and
// ends with it. It prints its URL, and serves until it is told to end.

await using standIn = await new StandIn().listen();
process.stdout.write(`${standIn.url}\n`);
const { promise, resolve } = Promise.withResolvers<undefined>();
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve(undefined));
await promise;
