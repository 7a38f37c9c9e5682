import type { KurrentDBClient } from "@kurrent/kurrentdb-client";
import type { KurrentConnection } from "#src/store/kurrent/connection.ts";
import { isOfType, readFault } from "#src/store/kurrent/faults.ts";
import type { Resolved } from "#src/store/kurrent/records.ts";

/**
 * What a read answers, each event within the connection's bound; nothing where there is no such stream. A server that is away, or says
 * nothing, has the client renewed: one whose first read failed never reads again.
 */
export async function* answersOf(
  connection: KurrentConnection,
  begin: (client: KurrentDBClient) => AsyncIterable<Resolved>,
): AsyncGenerator<Resolved> {
  const client = await connection.client();
  let reading: AsyncIterator<Resolved> | undefined;
  try {
    reading = begin(client)[Symbol.asyncIterator]();
    for (;;) {
      const next = await connection.answered(client, reading.next());
      if (next.done === true) return;
      yield next.value;
    }
  } catch (error) {
    if (isOfType(error, "stream-not-found")) return;
    if (isOfType(error, "unavailable")) connection.renew(client);
    throw readFault(error, connection.server);
  } finally {
    void reading?.return?.().catch(() => undefined);
  }
}
