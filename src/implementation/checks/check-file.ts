import type { Check } from "./check.ts";
import { met, unmet, type Evidence, type Found } from "./found.ts";
import type { Place } from "./place.ts";

/** Whether files are there; with `minBytes`, whether there is something in each of them. */
export async function askFile(
  { files, exists, minBytes }: Extract<Check, { kind: "file" }>,
  { survey }: Place,
): Promise<Found> {
  const names = survey.select(files);
  if (!exists) {
    if (names.length === 0) return met({ text: `no file is called ${files.join(", ")}` });
    return unmet(...names.map((path): Evidence => ({ text: "this file must not be there", path })));
  }
  if (names.length === 0) return unmet({ text: `no file is called ${files.join(", ")}` });
  const small = minBytes === undefined ? [] : names.filter((name) => survey.bytesOf(name) < minBytes);
  if (small.length > 0) {
    const text = `has less than ${minBytes} bytes`;
    return unmet(...small.map((path): Evidence => ({ text, path })));
  }
  return met(...names.map((path): Evidence => ({ text: "is there", path })));
}
