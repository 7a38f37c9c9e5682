// Which language a file is in, by its name: the common names of GitHub's Linguist.
// A name that does not tell is of no language: contents are not guessed at.

const BY_ENDING: ReadonlyMap<string, string> = byEnding({
  TypeScript: "ts tsx mts cts",
  JavaScript: "js jsx mjs cjs",
  Python: "py pyi pyw",
  Go: "go",
  Rust: "rs",
  Java: "java",
  Kotlin: "kt kts",
  Scala: "scala sc",
  Groovy: "groovy gradle",
  C: "c h",
  "C++": "cc cpp cxx hpp hh hxx",
  "C#": "cs",
  "F#": "fs fsi fsx",
  "Visual Basic": "vb",
  Swift: "swift",
  "Objective-C": "m mm",
  Ruby: "rb rake gemspec",
  PHP: "php",
  Perl: "pl pm",
  Lua: "lua",
  R: "r",
  Julia: "jl",
  Dart: "dart",
  Elixir: "ex exs",
  Erlang: "erl hrl",
  Haskell: "hs",
  OCaml: "ml mli",
  Clojure: "clj cljs cljc edn",
  Zig: "zig",
  Nim: "nim",
  Shell: "sh bash zsh fish",
  PowerShell: "ps1 psm1",
  SQL: "sql",
  HTML: "html htm",
  CSS: "css",
  SCSS: "scss sass",
  Less: "less",
  Vue: "vue",
  Svelte: "svelte",
  Astro: "astro",
  JSON: "json json5 jsonc webmanifest",
  YAML: "yaml yml",
  TOML: "toml",
  XML: "xml xsd xsl svg",
  Markdown: "md mdx markdown",
  reStructuredText: "rst",
  TeX: "tex",
  Text: "txt",
  CSV: "csv tsv",
  "Protocol Buffers": "proto",
  GraphQL: "graphql gql",
  Terraform: "tf tfvars",
  Nix: "nix",
  WebAssembly: "wat",
  Solidity: "sol",
});

const BY_NAME: ReadonlyMap<string, string> = new Map([
  ["Dockerfile", "Dockerfile"],
  ["Makefile", "Makefile"],
  ["GNUmakefile", "Makefile"],
  ["CMakeLists.txt", "CMake"],
  ["Rakefile", "Ruby"],
  ["Gemfile", "Ruby"],
  ["Jenkinsfile", "Groovy"],
  ["go.mod", "Go module"],
  ["go.sum", "Checksums"],
]);

/** Undefined where the name does not tell. */
export function languageOf(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return BY_NAME.get(name) ?? (dot < 0 ? undefined : BY_ENDING.get(name.slice(dot + 1).toLowerCase()));
}

function byEnding(endings: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(endings).flatMap(([language, all]) =>
      all.split(" ").map((one): [string, string] => [one, language]),
    ),
  );
}
