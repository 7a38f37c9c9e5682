import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { workplace, type Workplace } from "./workplace.ts";

// Where each sentence of an answer comes from, and outputs that are not what their plan returns, as the command line shows them.

const SPEAKING = `plan: speaking
steps:
  words: { value: 3 }
  lines: { value: 2 }
respond: |
  There are \${steps.words.output} words. They stand in \${steps.lines.output} lines, of \${steps.words.output} words. That is all.
`;

const UNFIT = `plan: unfit
steps:
  count: { tool: json.read, with: { path: count.json } }
outputs: { count: "\${steps.count.output}" }
returns: { count: { type: integer } }
`;

let place: Workplace;

beforeAll(async () => {
  place = await workplace();
  await place.write("speaking.yaml", SPEAKING);
  await place.write("unfit.yaml", UNFIT);
  await place.write("count.json", '"three"');
  await place.write("text.txt", "one two three\n");
});

afterAll(() => place[Symbol.asyncDispose]());

const TOLD = ["There are 3 words. [words]", "They stand in 2 lines, of 3 words. [lines, words]", "That is all."].join(
  "\n",
);

describe("--sources", () => {
  it("names behind each sentence the steps that it stands on, where a plan is run, watched and shown", async () => {
    const ran = await place.run("run", "speaking.yaml", "--plain", "--sources");
    expect(ran).toMatchObject({ code: 0, stdout: `${TOLD}\n` });
    expect(await place.run("watch", "last", "--plain", "--sources")).toMatchObject({ code: 0, stdout: `${TOLD}\n` });
    expect((await place.run("show", "last", "--sources")).stdout).toContain(TOLD);
    const plain = await place.run("run", "speaking.yaml", "--plain");
    expect(plain.stdout).not.toContain("[words]");
  });

  it("is what JSON lines have in any case", async () => {
    const ran = await place.run("run", "speaking.yaml", "--json");
    const result = JSON.parse(ran.stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
    const sentences = [
      { text: "There are 3 words.", steps: ["words"] },
      { text: "They stand in 2 lines, of 3 words.", steps: ["lines", "words"] },
      { text: "That is all.", steps: [] },
    ];
    expect(result).toMatchObject({ kind: "result", provenance: { text: result["response"], sentences } });
    const watched = await place.run("watch", "last", "--json", "--all");
    expect(JSON.parse(watched.stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({ provenance: { sentences } });
  });

  it("names the steps behind what was asked in words, and behind an answer", async () => {
    const asked = await place.run("ask", "count the words in text.txt", "--plain", "--sources");
    expect(asked.code).toBe(0);
    expect(asked.stdout).toMatch(/^Words: .*words 3.*\. \[\w+\]$/m);
    const open = await place.run("ask", "count the words in a file", "--plain");
    expect(open.stderr).toContain("answer by: planwright answer");
    const answered = await place.run("answer", "last", "text.txt", "--plain", "--sources");
    expect(answered.stdout).toMatch(/^Words file: .*\. \[\w+\]$/m);
  });

  it("changes nothing of a response that is no text", async () => {
    await place.write("listing.yaml", 'plan: listing\nsteps: { a: { value: [1] } }\nrespond: "${steps.a.output}"\n');
    expect((await place.run("run", "listing.yaml", "--plain", "--sources")).stdout).toBe("[\n  1\n]\n");
  });
});

describe("outputs that are not what the plan returns", () => {
  it("end it with their code, and are shown", async () => {
    const ran = await place.run("run", "unfit.yaml", "--plain");
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/outputs-unfit: the outputs are not what the plan returns: count: /);
    expect(ran.stdout).toContain("1 of 1 step done.");
    const shown = await place.run("show", "last");
    expect(shown.stdout).toMatch(/outputs: \{\s+"count": "three"\s+\}/);
    const json = JSON.parse((await place.run("show", "last", "--json")).stdout) as Record<string, unknown>;
    expect(json).toMatchObject({ outputs: { count: "three" }, error: { code: "outputs-unfit" } });
  });
});
