import { describe, expect, it } from "vitest";
import { loadTools } from "#src/cli/tool-modules.ts";

describe("a tool module", () => {
  it("is a file: a device, whose reading need not end, is none", async () => {
    for (const module of ["/dev/zero", "/dev/null", "/"]) {
      await expect(loadTools([module])).rejects.toMatchObject({ code: "tool-module-missing" });
    }
  });
});
