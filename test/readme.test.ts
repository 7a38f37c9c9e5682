// The README and the pages beside it, held to what they say: every command is run, in order, in a fresh copy of this
// checkout, and what it prints is compared with what is shown (but for `…`); every code block is compiled and is the file
// that the tour runs; every plan is validated; every link leads somewhere.
//
// R1. What would run this very test, or for very long (`npm ci`, `npm test`, `npm run check`, `npm run bench`), or needs data
//     or a server from outside of the checkout (`npm run workflows`, `npm run test:kurrent`), is not run; that it exists is checked.
// R2. The plans of docs/workflow-patterns.md are not only validated but run, by test/conformance/patterns.
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { compilerMessages } from "./readme/compiled-blocks.ts";
import { asShown, typedCommands } from "./readme/console-session.ts";
import { FreshCheckout } from "./readme/fresh-checkout.ts";
import { anchors, codeBlocks, relativeLinks, type CodeBlock } from "./readme/markdown.ts";
import { listFiles, readText, ROOT } from "./tidy/tree.ts";

const BLOCK_TEST_MS = 120_000;
const TOUR = "examples/tour";
const TOOLS = `${TOUR}/release.tools.ts`;

/** Pages whose commands are run, each in a checkout of its own. */
const TYPED_PAGES = [
  "README.md",
  "docs/configuration.md",
  "docs/store.md",
  "docs/testing.md",
  "docs/tour.md",
  "test/README.md",
  "bench/README.md",
];
/** Of the plans on its page. */
const CONFIGURATION = "planwright.config.yaml";
const PATTERNS = "docs/workflow-patterns.md";
const PAGES = listFiles().filter((file) => file.endsWith(".md"));

const scripts = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readText("package.json"))).scripts;

const blocksOf = (page: string, languages: readonly string[]): CodeBlock[] =>
  codeBlocks(readText(page)).filter(({ language }) => languages.includes(language));

/** Blocks that begin with the name of a file are that file, for the commands of their page. */
function namedFiles(page: string): { readonly name: string; readonly text: string }[] {
  return blocksOf(page, ["ts", "yaml"]).flatMap(({ text }) => {
    const [, name] = /^(?:\/\/|#) ([\w.-]+\.(?:ts|yaml))\n/.exec(text) ?? [];
    return name === undefined ? [] : [{ name, text }];
  });
}

describe.each(TYPED_PAGES)("%s", (page) => {
  const checkout = new FreshCheckout();
  for (const { name, text } of namedFiles(page)) checkout.write(name, text);
  afterAll(() => checkout[Symbol.dispose]());

  for (const block of blocksOf(page, ["sh", "console"])) {
    it(`prints what line ${block.line} shows`, { timeout: BLOCK_TEST_MS }, async () => {
      const typed = typedCommands(block).flatMap(({ command, shown }) => splitChain(command, shown));
      for (const { command } of typed.filter(({ isRun }) => !isRun)) expect(missingParts(command)).toEqual([]);
      const run = typed.filter(({ isRun }) => isRun);
      const printed = await checkout.type(run.map(({ command }) => command));
      for (const [index, { command, shown }] of run.entries()) {
        const { exitCode, text } = printed[index]!;
        if (shown !== undefined) expect(asShown(text, shown), command).toBe(shown);
        expect(exitCode, `${command}\n${text}`).toBe(0);
      }
    });
  }
});

describe("a code block", () => {
  const typescript = PAGES.flatMap((page) =>
    blocksOf(page, ["ts", "js"]).map((block) => ({
      ...block,
      name: `${page.replaceAll(/\W/g, "-")}-${block.line}.ts`,
    })),
  );

  it("compiles, and one that does not is found", { timeout: BLOCK_TEST_MS }, () => {
    expect(typescript.length).toBeGreaterThan(1);
    const wrong = 'import { defineTool } from "planwright";\n\ndefineTool({ name: 1 });\n';
    const blocks = new Map(typescript.map(({ name, text }) => [name, text])).set("wrong.ts", wrong);
    expect(compilerMessages(blocks)).toEqual([
      expect.stringMatching(/^wrong\.ts\(3\): Type 'number' is not assignable to type 'string'/),
    ]);
  });

  it("of the tour is a file of the tour", () => {
    const files = readdirSync(path.join(ROOT, TOUR)).map((file) => readText(`${TOUR}/${file}`));
    const shown = blocksOf("README.md", ["ts", "yaml"]).map(({ text }) => text);
    expect(shown.length).toBe(files.length);
    expect(shown.filter((text) => !files.includes(text))).toEqual([]);
  });
});

describe("a plan in a page", () => {
  const pages = PAGES.filter((page) => page !== PATTERNS);
  const plans = pages
    .flatMap((page) => blocksOf(page, ["yaml"]).map((block) => ({ page, ...block })))
    .filter(({ text }) => /^plan:/m.test(text) && /^steps:/m.test(text));
  const checkout = new FreshCheckout();
  afterAll(() => checkout[Symbol.dispose]());

  it.each(plans)("is valid: $page, line $line", { timeout: BLOCK_TEST_MS }, async ({ page, text }) => {
    checkout.write("shown.plan.yaml", text);
    const settings = namedFiles(page).find(({ name }) => name === CONFIGURATION)?.text;
    if (settings !== undefined) checkout.write("shown.config.yaml", settings);
    const config = settings === undefined ? "" : "--config shown.config.yaml ";
    const [validated] = await checkout.type([`npx planwright ${config}validate shown.plan.yaml --tools ${TOOLS}`]);
    expect(validated).toEqual({ exitCode: 0, text: expect.stringContaining("valid: plan") });
  });

  it("is found", () => expect(plans.map(({ page }) => page)).toContain("README.md"));

  it("stands beside its equivalent for each of those that people come from", () => {
    const page = "docs/coming-from.md";
    const others = blocksOf(page, ["typescript", "json", "yaml", "python"]).filter(({ text }) => !/^plan:/m.test(text));
    expect(plans.filter((plan) => plan.page === page)).toHaveLength(4);
    expect(others).toHaveLength(4);
  });
});

describe("a link", () => {
  it("leads to a file, and to a heading of it", () => {
    expect(
      PAGES.flatMap((page) => relativeLinks(readText(page)).filter((link) => !leadsSomewhere(page, link))),
    ).toEqual([]);
  });

  it("that leads nowhere is found", () => {
    expect(relativeLinks("[a](nowhere.md) [b](https://example.org) `[c](d)`\n```\n[e](f)\n```\n")).toEqual([
      "nowhere.md",
    ]);
    expect(leadsSomewhere("README.md", "nowhere.md")).toBe(false);
    expect(leadsSomewhere("README.md", "LICENSE")).toBe(true);
    expect(leadsSomewhere("README.md", "#no-such-heading")).toBe(false);
  });
});

describe("what is printed", () => {
  it("is as shown only where every line is", () => {
    const shown = "…\nplan … ended\nresponse";
    expect(asShown("a\nb\nplan x ended\nresponse\n", shown)).toBe(shown);
    expect(asShown("plan x ended  \nresponse", shown)).toBe(shown);
    expect(asShown("plan x ended\nother", shown)).not.toBe(shown);
    expect(asShown("plan x ended\nresponse\nmore", shown)).not.toBe(shown);
    expect(asShown("plan\nx ended\nresponse", shown)).not.toBe(shown);
  });

  it("belongs to the command before it", () => {
    const block = { language: "console", line: 1, text: "$ a\n$ b && c\nprinted\n\nmore\n" };
    expect(typedCommands(block)).toEqual([
      { command: "a", shown: undefined },
      { command: "b && c", shown: "printed\n\nmore" },
    ]);
  });
});

/** `npm ci && npm start` has a part that is run and one that is not. */
function splitChain(command: string, shown: string | undefined) {
  const parts = command.split(" && ");
  if (!parts.some(isNotRun)) return [{ command, shown, isRun: true }];
  return parts.map((part, index) => ({
    command: part,
    shown: index === parts.length - 1 ? shown : undefined,
    isRun: !isNotRun(part),
  }));
}

function isNotRun(command: string): boolean {
  return /^(?:npm ci|npm test|npm run bench|npm run check|npm run workflows|npm run test:kurrent)\b/.test(command);
}

/** What a command that is not run would lack. */
function missingParts(command: string): string[] {
  const [, verb = "", name = ""] = command.split(" ");
  if (verb === "ci") return listFiles().includes("package-lock.json") ? [] : ["package-lock.json"];
  const script = verb === "run" ? name : verb;
  const files = command.split(" ").filter((word) => word.startsWith("test/"));
  return [...(script in scripts ? [] : [script]), ...files.filter((file) => !existsSync(path.join(ROOT, file)))];
}

function leadsSomewhere(page: string, link: string): boolean {
  const [target = "", anchor] = link.split("#");
  const file = target === "" ? page : path.join(path.dirname(page), target);
  if (!existsSync(path.join(ROOT, file))) return false;
  if (anchor === undefined) return true;
  return !statSync(path.join(ROOT, file)).isDirectory() && anchors(readText(file)).has(anchor);
}
