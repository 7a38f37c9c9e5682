// A workplace with three small plans: one that waits, one whose file is not there yet, and one that ends at once.
import { workplace, type Workplace } from "./workplace.ts";

const WAITING =
  "plan: waiting\nsteps:\n  nap: { wait: 1h }\n  after: { value: 7, needs: [nap] }\nrespond: ${steps.after.output}\n";
const READING =
  'plan: reading\nsteps:\n  read: { tool: json.read, with: { path: data.json } }\nrespond: "${steps.read.output.say}"\n';
export const QUICK =
  'plan: quick\ninputs:\n  n: { type: integer, default: 1 }\nsteps:\n  a: { value: "${inputs.n + 1}" }\nrespond: ${steps.a.output}\n';

export async function prepared(): Promise<Workplace> {
  const place = await workplace();
  await place.write("waiting.yaml", WAITING);
  await place.write("reading.yaml", READING);
  await place.write("quick.yaml", QUICK);
  return place;
}
