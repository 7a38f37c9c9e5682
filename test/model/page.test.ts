import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isJsonObject } from "#events/json.ts";
import { readConfiguration } from "#src/config/configuration.ts";
import { limitsOf, modelSettings } from "#src/model/settings.ts";
import { scriptedModel } from "#src/model/scripted.ts";
import { toolsOfModel } from "#src/planning/with-model/tools.ts";
import { formatFindings } from "#src/language/format.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import type { Tool } from "#src/tools/define.ts";
import { codeBlocks } from "../readme/markdown.ts";

const page = readFileSync(new URL("../../docs/models.md", import.meta.url), "utf8");
const lines = page.split("\n").map((line) => line.replaceAll(/ +/g, " "));

function rowOf({ name, version, description, inputSchema }: Tool): string {
  const required = Array.isArray(inputSchema["required"]) ? inputSchema["required"] : [];
  const properties = isJsonObject(inputSchema["properties"]) ? Object.keys(inputSchema["properties"]) : [];
  const args = properties.map((word) => `\`${word}\`${required.includes(word) ? "" : "?"}`);
  return `| \`${name}\` | ${version} | read | yes | ${args.join(" ")} | ${description} |`;
}

describe("the page about models", () => {
  it("shows models that are accepted", () => {
    const shown = codeBlocks(page).find(({ text }) => text.startsWith("# planwright.config.yaml"));
    const read = readConfiguration({ text: shown?.text ?? "", file: "/planwright.config.yaml", choice: "directory" });
    expect(read.ok ? "" : formatFindings(read.findings)).toBe("");
  });

  it("has a row for each tool that agrees with its definition", () => {
    const rows = lines.filter((line) => line.startsWith("| `model."));
    expect(rows).toEqual(toolsOfModel(scriptedModel([], { clock: systemClock })).map(rowOf));
  });

  it("names every setting", () => {
    for (const word of Object.keys(modelSettings.shape)) expect(page, word).toContain(`\`${word}\``);
  });

  it("names the defaults that count", () => {
    const { maxTokens, maxTries, maxOutputTokens, timeoutMs, maxTimeMs } = limitsOf();
    const shown = (word: string): string =>
      lines
        .find((line) => line.startsWith(`| \`${word}\``))
        ?.split("|")
        .at(-2)
        ?.trim() ?? "";
    expect(shown("maxTokens")).toBe(maxTokens.toLocaleString("en-US"));
    expect(shown("maxTries")).toBe(String(maxTries));
    expect(shown("maxOutputTokens")).toBe(maxOutputTokens.toLocaleString("en-US"));
    expect(shown("timeout")).toBe(`${timeoutMs / 60_000}m`);
    expect(shown("maxTime")).toBe(`${maxTimeMs / 60_000}m`);
  });
});
