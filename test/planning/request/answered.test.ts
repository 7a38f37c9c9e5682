import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { openPlanwright, type Planwright } from "#src/compose.ts";
import { defineTool, ToolFailure, type Tool } from "#src/tools/define.ts";

// Requests in words over the real engine and its operations: planned, run, answered, asked back, and gone on with.

const folder = mkdtempSync(path.join(tmpdir(), "planwright-ask-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(path.join(folder, "notes.txt"), "hello big world\n");
writeFileSync(path.join(folder, "other.txt"), "one two three four\n");

const sent: string[] = [];
const mail = defineTool({
  name: "mail.send",
  version: "1.0.0",
  description: "Sends an email message to a recipient.",
  input: z.strictObject({
    to: z.email().describe("email address of the recipient"),
    subject: z.string().describe("subject of the message"),
  }),
  output: z.object({ id: z.string() }),
  sideEffects: "irreversible",
  run: ({ to, subject }) => {
    sent.push(`${to}: ${subject}`);
    return { id: "m1" };
  },
});
const down = defineTool({
  name: "meteo.get_weather",
  version: "1.0.0",
  description: "Gets the weather forecast of a city.",
  input: z.strictObject({ city: z.string().describe("name of the city") }),
  output: z.object({ summary: z.string() }),
  sideEffects: "read",
  run: () => {
    throw new ToolFailure("unavailable", "nobody answers");
  },
});
const up = defineTool({ ...down, name: "sky.get_weather", run: ({ city }) => ({ summary: `sunny in ${city}` }) });

async function within<T>(use: (planwright: Planwright) => Promise<T>, tools: readonly Tool[] = [mail]): Promise<T> {
  await using planwright = await openPlanwright({
    store: mkdtempSync(path.join(folder, "store-")),
    root: folder,
    socket: false,
    tools,
  });
  return await use(planwright);
}

const LONG_MS = 20_000;

async function answered({ client }: Planwright, request: string, more: object = {}) {
  const { plan } = await client.ask({ request, ...more });
  return client.wait({ plan, timeoutMs: LONG_MS });
}

describe("a request in words", () => {
  it("is planned, run and answered, each sentence with the steps that it stands on", () =>
    within(async (planwright) => {
      const ended = await answered(planwright, "Count the words in notes.txt");
      expect(ended).toMatchObject({ status: "succeeded", response: expect.stringContaining("words 3") });
      expect(ended.provenance).toMatchObject({ sentences: [{ steps: ["textCount"] }] });
      const { facts } = await planwright.client.history({ plan: ended.plan });
      expect(facts.map(({ type }) => type)).toContain("PlanRevised");
    }));

  it("goes on from the one before in its session, with what is said to be different", () =>
    within(async (planwright) => {
      await answered(planwright, "Count the words in notes.txt", { session: "s" });
      const again = await answered(planwright, "the same for other.txt", { session: "s" });
      expect(again).toMatchObject({ status: "succeeded", response: expect.stringContaining("words 4") });
    }));

  it("does nothing that cannot be taken back before somebody agrees", () =>
    within(async ({ client }) => {
      const { plan } = await client.ask({ request: 'Send an email to ann@example.org with the subject "Party"' });
      const approvals = await untilAsked(client, plan);
      expect(sent).toEqual([]);
      expect(approvals[0]?.show).toMatchObject({ tool: "mail.send", with: { to: "ann@example.org" } });
      const [{ step, hash } = { step: "", hash: "" }] = approvals;
      await client.approve({ plan, step, hash });
      expect(await client.wait({ plan, timeoutMs: LONG_MS })).toMatchObject({ status: "succeeded" });
      expect(sent).toEqual(["ann@example.org: Party"]);
    }));

  it("asks back for what is missing, and goes on with the answer", () =>
    within(
      async ({ client }) => {
        const { plan } = await client.ask({ request: "Get the weather forecast" });
        const [question] = await untilAwaited(client, plan);
        expect(question).toMatchObject({ signal: "answer", text: expect.stringMatching(/city/i) });
        await client.signal({ plan, name: "answer", payload: "Oslo" });
        const ended = await client.wait({ plan, timeoutMs: LONG_MS });
        expect(ended).toMatchObject({ status: "succeeded", response: expect.stringContaining("sunny in Oslo") });
      },
      [up],
    ));

  it("takes from its context what its words do not say", () =>
    within(
      async (planwright) => {
        const ended = await answered(planwright, "Get the weather forecast", { context: { city: "Bergen" } });
        expect(ended).toMatchObject({ status: "succeeded", response: expect.stringContaining("sunny in Bergen") });
      },
      [up],
    ));

  it("falls back to another tool that can do the same", () =>
    within(
      async (planwright) => {
        const ended = await answered(planwright, "Get the weather forecast for Oslo", {});
        expect(ended).toMatchObject({ status: "succeeded", response: expect.stringContaining("sunny in Oslo") });
      },
      [down, up],
    ));

  it.each([
    ["is empty", " ", "empty"],
    ["is about nothing that any tool does", "Translate the Iliad into Klingon", "no tool"],
    ["is longer than is read", "x ".repeat(500_000), "characters"],
  ])("is refused with what to do where it %s", (_, request, said) =>
    within(async (planwright) => {
      const ended = await answered(planwright, request);
      expect(ended).toMatchObject({ status: "failed", response: expect.stringContaining(said) });
    }),
  );

  it("does several requests of one text side by side, and says what it cannot do of them", () =>
    within(async (planwright) => {
      const both = await answered(planwright, "Count the words in notes.txt. Also count the words in other.txt.");
      expect(both).toMatchObject({
        status: "succeeded",
        response: expect.stringMatching(/notes\.txt \| 1 +\| 3 [^]*other\.txt \| 1 +\| 4 /),
      });
      const one = await answered(
        planwright,
        "Count the words in notes.txt. Also book a flight to Rome for ${inputs.request} persons.",
      );
      expect(one).toMatchObject({
        status: "succeeded",
        response: expect.stringMatching(
          /words 3[^]*Not done: “Also book a flight to Rome for \$\{inputs.request\} persons\.”: no tool/,
        ),
      });
    }));

  it("asks about one of several, and goes on with all of them", () =>
    within(
      async ({ client }) => {
        const { plan } = await client.ask({
          request: "Get the weather forecast. Also count the words in notes.txt.",
        });
        await untilAwaited(client, plan);
        await client.signal({ plan, name: "answer", payload: "Oslo" });
        const ended = await client.wait({ plan, timeoutMs: LONG_MS });
        expect(ended).toMatchObject({
          status: "succeeded",
          response: expect.stringMatching(/sunny in Oslo[^]*words 3/),
        });
      },
      [up],
    ));

  it("takes what an earlier request of its session gave for what “it” means", () =>
    within(async (planwright) => {
      await answered(planwright, "Read the file notes.txt", { session: "r" });
      const ended = await answered(planwright, "Count the words in it", { session: "r" });
      expect(ended).toMatchObject({ status: "succeeded", response: expect.stringContaining("words 3") });
    }));

  it("is told to the last plan of its session where it answers what that asked, or cancels it", () =>
    within(
      async ({ client }) => {
        const { plan } = await client.ask({ request: "Get the weather forecast", session: "t" });
        await untilAwaited(client, plan);
        const told = await client.ask({ request: "Oslo", session: "t" });
        expect(told).toMatchObject({ plan, told: "answered" });
        const ended = await client.wait({ plan, timeoutMs: LONG_MS });
        expect(ended).toMatchObject({ status: "succeeded", response: expect.stringContaining("sunny in Oslo") });
        const { plan: second } = await client.ask({ request: "Get the weather forecast", session: "t" });
        await untilAwaited(client, second);
        expect(await client.ask({ request: "cancel that", session: "t" })).toMatchObject({
          plan: second,
          told: "cancelled",
        });
        expect(await client.wait({ plan: second, timeoutMs: LONG_MS })).toMatchObject({ status: "cancelled" });
        const third = await client.ask({ request: "cancel that", session: "t" });
        expect(third.told).toBeUndefined();
        expect(await client.wait({ plan: third.plan, timeoutMs: LONG_MS })).toMatchObject({ status: "failed" });
      },
      [up],
    ));

  it("gives an item of an earlier result", () =>
    within(async (planwright) => {
      await answered(planwright, "List the files in the folder .", { session: "i" });
      const ended = await answered(planwright, "the first one", { session: "i" });
      expect(ended).toMatchObject({ status: "succeeded" });
    }));

  it("is planned by a template that somebody wrote for such requests", async () => {
    const templates = mkdtempSync(path.join(folder, "templates-"));
    writeFileSync(
      path.join(templates, "length.template.yaml"),
      `template: length_report
for: { requests: ["make the length report of {file}"] }
parameters: { file: { type: string } }
plan:
  steps:
    text: { tool: fs.read, with: { path: "\${parameters.file}" } }
    sizes: { tool: text.count, with: { text: "\${steps.text.output}" } }
  outputs: { length: "\${steps.sizes.output.words}" }
  respond: "It has \${steps.sizes.output.words} words."
`,
    );
    await using planwright = await openPlanwright({
      ...{ store: mkdtempSync(path.join(folder, "store-")), root: folder, socket: false },
      templates: { templates: [templates], directory: folder },
    });
    const ended = await answered(planwright, "Make the length report of notes.txt");
    expect(ended).toMatchObject({ status: "succeeded", response: "It has 3 words.", outputs: { length: 3 } });
  });

  it("with a key is one plan, also in a conversation that has gone on since", () =>
    within(async ({ client }) => {
      const request = { request: "Count the words in notes.txt", session: "s", key: "k" };
      const { plan } = await client.ask(request);
      await client.wait({ plan, timeoutMs: LONG_MS });
      expect(await client.ask(request)).toMatchObject({ plan, attached: true });
    }));
});

type Client = Planwright["client"];

async function untilAsked(client: Client, plan: string) {
  for await (const event of client.events({ plan })) {
    if (event.type !== "StepWaitStarted") continue;
    const { approvals } = await client.approvals({ plan });
    if (approvals.length > 0) return approvals;
  }
  return [];
}

async function untilAwaited(client: Client, plan: string) {
  for await (const event of client.events({ plan })) {
    if (event.type !== "StepWaitStarted") continue;
    const { awaited } = await client.get({ plan });
    if (awaited.length > 0) return awaited;
  }
  return [];
}
