// What was answered before, by what the answer depends on: the question and the contents of the files that it reads. Nothing is asked
// twice, and an edited file is asked anew, because its key is another one.
//
// K1. The key says everything that the answer depends on and this program knows of; what depends on more (http, the time) is not kept.
// K2. Only yes and no are kept: what was broken may be well the next time.
// K3. Of a question about each of many files, the answer of every content is kept too: after one edit one file is asked.
// K4. A damaged entry costs asking again, and nothing else.

import { createHash } from "node:crypto";
import path from "node:path";
import { z } from "zod";
import { answer } from "#src/implementation/gaps/gap.ts";
import type { Found } from "./found.ts";
import { parsed, replaceFile, textOf } from "./stat-index.ts";

/** Another one where what checks mean has changed. */
const FORMAT = 1;
const MAX_ANSWER_BYTES = 1024 * 1024;
const MAX_CONTENTS_BYTES = 64 * 1024 * 1024;

const kept = answer.pick({ verdict: true, evidence: true }).extend({ key: z.string() });
/** By content: the line of the first match, or 0 for none. */
const contents = z.record(z.string(), z.int().min(0));

export class KeptAnswers {
  readonly #folder: string | undefined;

  /** Undefined: nothing is kept. */
  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  /** K1. One file a question, so that there are never more of them than questions: the newest answer takes the place of the last. */
  async find(question: unknown, dependsOn: string): Promise<Found | undefined> {
    const file = this.#fileOf("answers", question);
    if (file === undefined) return undefined;
    const read = kept.safeParse(parsed(await textOf(file, MAX_ANSWER_BYTES)));
    if (!read.success || read.data.key !== dependsOn) return undefined;
    const { verdict, evidence } = read.data;
    return { verdict, evidence };
  }

  /** K2. */
  async keep(question: unknown, dependsOn: string, { verdict, evidence }: Found): Promise<void> {
    const file = this.#fileOf("answers", question);
    if (file === undefined || verdict === "broken") return;
    await replaceFile(file, JSON.stringify({ key: dependsOn, verdict, evidence }));
  }

  /** K3. */
  async contents(question: unknown): Promise<Map<string, number>> {
    const file = this.#fileOf("contents", question);
    const read = contents.safeParse(parsed(file === undefined ? undefined : await textOf(file, MAX_CONTENTS_BYTES)));
    return new Map(read.success ? Object.entries(read.data) : []);
  }

  async keepContents(question: unknown, lines: ReadonlyMap<string, number>): Promise<void> {
    const file = this.#fileOf("contents", question);
    if (file !== undefined) await replaceFile(file, JSON.stringify(Object.fromEntries(lines)));
  }

  #fileOf(kind: string, question: unknown): string | undefined {
    if (this.#folder === undefined) return undefined;
    return path.join(this.#folder, kind, `${digest([FORMAT, question])}.json`);
  }
}

/** Of a JSON value whose members stand in a fixed order. */
export function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64url");
}
