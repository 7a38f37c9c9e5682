import { SUITES, type SuiteName } from "./suites.ts";

// One run of one suite, in this process; prints its metrics as JSON.

const [name = "", directory = ""] = process.argv.slice(2);
const suite = await SUITES[name as SuiteName]();
process.stdout.write(JSON.stringify(await suite(directory)));
