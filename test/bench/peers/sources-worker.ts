import * as library from "#src/index.ts";
import { openWith } from "../../../bench/peers/planwright/engine.ts";
import { serve } from "../../../bench/peers/worker.ts";

// Planwright's worker over the sources: a test must not depend on a build.
await serve(openWith(library));
