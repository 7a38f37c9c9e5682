import process from "node:process";
import { Fault } from "#events/fault.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { openEmbedded } from "#src/store/embedded/open.ts";

// Opens the store of a folder for writing and prints `open` or the fault's code.

try {
  await using store = await openEmbedded({ directory: process.argv[2] ?? "", clock: systemClock, command: "child" });
  process.stdout.write(store.path === "" ? "" : "open\n");
} catch (error) {
  process.stdout.write(`${error instanceof Fault ? (error as Fault).code : String(error)}\n`);
}
