import type { Command } from "commander";
import type { BlobFlags, BlobListFlags, SweepFlags } from "#src/cli/commands/blobs.ts";
import { stored, json, graced, positiveNumber, examples, type Door } from "#src/cli/grammar/options.ts";

// The commands `blobs …`.

export function addBlobs(blobs: Command, { terminal, done }: Door): void {
  blobs
    .description("look at the payloads that are kept as files, and remove those that no fact cites any more")
    .addHelpText("after", examples("blobs", "blobs list --garbage", "blobs sweep --dry-run"));
  graced(json(stored(blobs.command("usage", { isDefault: true }))))
    .description("say how many there are and how large: cited by facts, young, and garbage")
    .addHelpText("after", examples("blobs usage", "blobs usage --json"))
    .action(async (flags: BlobFlags) =>
      done(await (await import("#src/cli/commands/blobs.ts")).blobUsage(flags, terminal)),
    );
  graced(json(stored(blobs.command("list"))))
    .description("list them, the largest first")
    .option("--limit <n>", "at most so many", positiveNumber, 100)
    .option("--garbage", "only what a sweep would remove")
    .addHelpText("after", examples("blobs list --limit 10", "blobs list --garbage --json"))
    .action(async (flags: BlobListFlags) =>
      done(await (await import("#src/cli/commands/blobs.ts")).listBlobs(flags, terminal)),
    );
  graced(json(stored(blobs.command("sweep"))))
    .description("remove what no fact cites and what is older than the grace period; holds the store meanwhile")
    .option("--dry-run", "only say what it would remove")
    .addHelpText("after", examples("blobs sweep", "blobs sweep --dry-run", "blobs sweep --grace 1h"))
    .action(async (flags: SweepFlags) =>
      done(await (await import("#src/cli/commands/blobs.ts")).sweep(flags, terminal)),
    );
}
