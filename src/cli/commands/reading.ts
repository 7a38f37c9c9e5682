import { Fault } from "#events/fault.ts";
import { openReader, type PlanwrightReader } from "#src/compose.ts";
import { hasStore, type StoreOptions } from "#src/open-store.ts";

export interface ReadFlags extends Pick<StoreOptions, "store" | "local" | "nats"> {
  readonly json?: boolean;
}

/** Runs a reading command beside whoever holds the store. Fault: `store-missing`. */
export async function reading<T>(flags: ReadFlags, use: (reader: PlanwrightReader) => Promise<T>): Promise<T> {
  if (!hasStore(flags)) {
    throw new Fault(
      "store-missing",
      `there is no store in ${flags.store ?? "this directory"}; the first \`planwright run\` makes it`,
    );
  }
  await using reader = await openReader(flags);
  return await use(reader);
}
