import process from "node:process";
import { systemClock } from "#src/ports/system/clock.ts";
import { openEmbedded } from "#src/store/embedded/open.ts";
import { batchOf, streamNamed } from "../../contracts/batches.ts";

// A process that holds the store of a folder and appends to its streams without end. It prints `open`, then the stream
// and revision of each answered append, and is ended by a signal.

const WRITERS = 4;

const directory = process.argv[2] ?? "";
const store = await openEmbedded({ directory, clock: systemClock, command: "child" });
process.stdout.write("open\n");

async function write(name: string): Promise<never> {
  const stream = streamNamed(name);
  let revision = await store.events.revision(stream);
  for (;;) {
    const answer = await store.events.append(batchOf(stream, revision, [revision + 1, revision + 2]));
    revision = answer.revision;
    process.stdout.write(`${name} ${revision}\n`);
  }
}

await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(`plan-00-${writer}`)));
