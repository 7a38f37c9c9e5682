// The worker thread of a cell. What is compiled is kept for the next one, which must be said before the rest is loaded.
import { enableCompileCache } from "node:module";

enableCompileCache();
const { servePort } = await import("./port.ts");
servePort();
