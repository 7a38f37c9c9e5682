import { NatsCalls } from "#src/nats/calls.ts";
import { systemRandom } from "#src/ports/system/random.ts";
import { callsContract, type CallPeers } from "../contracts/calls.ts";
import { requireServer } from "../require.ts";
import { hasNats, NatsServer } from "./server.ts";

async function peersOverNats(): Promise<CallPeers> {
  await using opened = new AsyncDisposableStack();
  const server = opened.use(await NatsServer.start());
  const closing = opened.move();
  let joined = 0;
  return {
    join: async () => {
      const name = `peer-${joined++}`;
      const connection = closing.use(await server.connect({ name }));
      return closing.use(new NatsCalls(connection, { name, random: systemRandom }));
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

requireServer("nats", hasNats)("calls over NATS", () => {
  callsContract(peersOverNats);
});
