import { describe, expect, it } from "vitest";
import { codeKindOf, codeOf } from "#src/planning/binding/codes.ts";

describe("a code", () => {
  it("stands for the name of a country, a currency or a language", () => {
    expect(codeOf("country", "France")).toBe("FR");
    expect(codeOf("country", "the United Kingdom")).toBe("GB");
    expect(codeOf("country", "UK")).toBe("GB");
    expect(codeOf("currency", "Swiss Franc")).toBe("CHF");
    expect(codeOf("currency", "euros")).toBe("EUR");
    expect(codeOf("language", "Portuguese")).toBe("pt");
  });

  it("is none of another name", () => {
    expect(codeOf("country", "Paris")).toBeUndefined();
    expect(codeOf("language", "")).toBeUndefined();
  });

  it("is wanted where a schema says so", () => {
    expect(codeKindOf("country code. Where to look")).toBe("country");
    expect(codeKindOf("region. Region for the results (e.g., 'US', 'GB')")).toBe("country");
    expect(codeKindOf("currency code.")).toBe("currency");
    expect(codeKindOf("lang. Language of the results (ISO 639-1)")).toBe("language");
    expect(codeKindOf("city. Name of the city")).toBeUndefined();
  });
});
