// Lets a program of its own import `planwright/client` from the sources, without a build.
import { registerHooks } from "node:module";

const SOURCES = new URL("../../src/client/index.ts", import.meta.url).href;

registerHooks({
  resolve: (name, context, next) =>
    name === "planwright/client"
      ? { url: SOURCES, format: "module-typescript", shortCircuit: true }
      : next(name, context),
});
