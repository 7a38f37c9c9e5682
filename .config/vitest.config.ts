import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const HANGING_TEST_MS = 30_000;

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  // Examples name the library as its users do; in tests it is the sources.
  resolve: {
    alias: [
      { find: /^planwright$/, replacement: fileURLToPath(new URL("../src/index.ts", import.meta.url)) },
      { find: /^planwright\/client$/, replacement: fileURLToPath(new URL("../src/client/index.ts", import.meta.url)) },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    // One less by default, which leaves half of a small machine unused.
    maxWorkers: availableParallelism(),
    testTimeout: HANGING_TEST_MS,
    hookTimeout: HANGING_TEST_MS,
    // A test that passes on its second try is a defect to look at, not to hide.
    retry: 0,
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
  },
});
