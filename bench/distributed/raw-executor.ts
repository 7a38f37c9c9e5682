import process from "node:process";
import { connect } from "@nats-io/transport-node";
import { z } from "zod";
import { envelope, traffic } from "./traffic.ts";

// The other end of the raw loop: a process that answers each run with a report, as large as those of a worker, and says besides
// what a worker says. It knows no tool and checks nothing.

export const setting = z.strictObject({ url: z.string(), token: z.string(), traffic });

const { url, token, traffic: flows } = setting.parse(JSON.parse(process.argv[2] ?? ""));
const connection = await connect({ servers: url, token });
let owed = 0;

connection.subscribe("raw.command", {
  callback: (_error, { data }) => {
    const { type, data: body } = envelope.parse(JSON.parse(Buffer.from(data).toString("utf8")));
    if (type !== "planwright.run") return;
    const { key } = body;
    const { sample } = flows.report;
    connection.publish("raw.report", JSON.stringify({ ...sample, data: { ...sample.data, key } }));
    for (owed += flows.offer.perStep; owed >= 1; owed--)
      connection.publish("raw.offer", JSON.stringify(flows.offer.sample));
  },
});
await connection.flush();
process.stdout.write("ready\n");
process.on("SIGTERM", () => void connection.close());
