import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isJsonObject } from "#events/json.ts";
import { readConfiguration } from "#src/config/configuration.ts";
import { configJsonSchema } from "#src/config/file-schema.ts";
import { formatFindings } from "#src/language/format.ts";
import { codeBlocks } from "../readme/markdown.ts";

const page = readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");
const [shown] = codeBlocks(page).filter(({ language }) => language === "yaml");

/** Words of all mappings of the schema. */
function wordsOf(schema: unknown): readonly string[] {
  if (!isJsonObject(schema)) return [];
  const properties = isJsonObject(schema.properties) ? Object.entries(schema.properties) : [];
  const inside = properties.flatMap(([word, part]) => [word, ...wordsOf(part)]);
  return [...inside, ...wordsOf(schema.additionalProperties)];
}

describe("the page about the configuration file", () => {
  it("shows a file that is accepted, with every word there is", () => {
    const read = readConfiguration({ text: shown!.text, file: "/project/planwright.config.yaml", choice: "directory" });
    expect(read.ok ? "" : formatFindings(read.findings)).toBe("");
    const words = wordsOf(configJsonSchema()).filter((word) => !word.startsWith("$"));
    expect(words.length).toBeGreaterThan(15);
    expect(words.filter((word) => !new RegExp(`\\b${word}:`).test(shown!.text))).toEqual([]);
  });

  it("explains every word in its table", () => {
    const table = page.slice(page.indexOf("| setting"), page.indexOf("Relative paths"));
    const words = wordsOf(configJsonSchema()).filter((word) => !word.startsWith("$"));
    expect(words.filter((word) => !new RegExp(`\\b${word}\\b`).test(table))).toEqual([]);
  });
});
