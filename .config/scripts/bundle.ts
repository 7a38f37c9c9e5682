// Puts the compiled rooms and the packages that they use into few files: a command starts by loading some ten files
// instead of four hundred, which was most of the time that a short run took (src/decisions/0006-bundled-dist.md).
//
// U1. All entries are bundled together and share their chunks, so that a class is one class, whoever imports it.
// U2. What is loaded rarely and late stays a package of its own: the screen, the HTTP client.
// U3. What browsers load is bundled apart, as one file for them: there the pure rooms' own hash takes the place of Node's.
// U4. The licences of what is bundled go into dist/THIRD-PARTY-LICENSES.txt.
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { rolldown } from "rolldown";

// What a thread or a process is started with must be a file.
const INSIDE = ["process", "thread", "watchdog"].map((name) => `src/executor/isolation/inside/${name}`);
const PULSE = "src/nats/pulse/thread";
const ENTRIES = ["src/index", "src/testing/index", "src/client/index", "src/cli/main", ...INSIDE, PULSE];
const BROWSER_ENTRY = "src/client/browser";
const EXTERNAL = [
  /^node:/,
  /^ink$/,
  /^react$/,
  /^undici$/,
  /^pino$/,
  /^@modelcontextprotocol\//,
  /^ajv(?:$|\/)/,
  /^@nats-io\//,
  /^@kurrent\//,
  /^ai$/,
  /^@ai-sdk\//,
];

/** Replaces the JavaScript in `dist` by bundles of its entries; declarations stay as they are. */
export async function bundle(dist: string): Promise<void> {
  const entries = ENTRIES.filter((entry) => existsSync(path.join(dist, `${entry}.js`)));
  const input = Object.fromEntries(entries.map((entry) => [entry, path.join(dist, `${entry}.js`)]));
  const compiled = globSync("**/*.{js,js.map}", { cwd: dist });
  await using build = await rolldown({ input, platform: "node", external: EXTERNAL, logLevel: "silent" });
  const { output } = await build.generate({ format: "esm", chunkFileNames: "chunks/[name]-[hash].js" });
  const forBrowsers = await browserBundle(path.join(dist, `${BROWSER_ENTRY}.js`));
  for (const file of compiled) rmSync(path.join(dist, file));
  const chunks = [...output, ...forBrowsers].filter((file) => file.type === "chunk");
  for (const { fileName, code } of chunks) {
    mkdirSync(path.dirname(path.join(dist, fileName)), { recursive: true });
    writeFileSync(path.join(dist, fileName), code);
  }
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds);
  writeFileSync(path.join(dist, "THIRD-PARTY-LICENSES.txt"), licencesOf(modules));
}

/** One file without any import, as browsers load it. */
export async function browserBundle(entry: string) {
  if (!existsSync(entry)) return [];
  await using build = await rolldown({ input: { [BROWSER_ENTRY]: entry }, platform: "browser", logLevel: "silent" });
  const { output } = await build.generate({ format: "esm" });
  return output;
}

function licencesOf(modules: readonly string[]): string {
  const folders = new Set(modules.flatMap((module) => packageFolderOf(module) ?? []));
  return [...folders].sort().map(licenceOf).join("\n\n");
}

/** The folder of the package that a module belongs to; undefined for our own. */
function packageFolderOf(module: string): string | undefined {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module)?.[0];
}

function licenceOf(folder: string): string {
  const manifest: unknown = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  const { name, version, license } = manifest as { name: string; version: string; license?: string };
  const [file] = globSync("{LICEN[CS]E,licen[cs]e}*", { cwd: folder });
  const text =
    file === undefined ? "(the package ships no licence file)" : readFileSync(path.join(folder, file), "utf8");
  return `${name} ${version} (${license ?? "licence not named"})\n\n${text.trim()}\n`;
}
