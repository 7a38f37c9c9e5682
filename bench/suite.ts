import { UnusableData } from "./metric.ts";
import { SUITES, type SuiteName } from "./suites.ts";

// One run of one suite, in this process; prints its metrics as JSON. Data that cannot be used ends it with a message and exit code 2.

const UNUSABLE = 2;

const [name = "", directory = "", data] = process.argv.slice(2);
const suite = await SUITES[name as SuiteName]();
try {
  process.stdout.write(JSON.stringify(await suite(directory, data)));
} catch (error) {
  if (!(error instanceof UnusableData)) throw error;
  process.stderr.write(`${name}: ${error.message}\n`);
  process.exitCode = UNUSABLE;
}
