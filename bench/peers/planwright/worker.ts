import * as library from "planwright";
import { serve } from "../worker.ts";
import { openWith } from "./engine.ts";

await serve(openWith(library));
