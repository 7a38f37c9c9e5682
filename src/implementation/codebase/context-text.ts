// A summary of a codebase for people: a screen of it, a line for each thing that it tells.
// Names come from outside, and are shown without what could steer a terminal.

import type { CodebaseContext } from "./context-shape.ts";

const SHOWN = 8;

export function contextText(context: CodebaseContext): string {
  const sections = [
    head(context),
    languages(context),
    dependencies(context),
    imports(context),
    tests(context),
    history(context),
    notes(context),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function head({ directory, totals, source }: CodebaseContext): readonly string[] {
  const beside = [
    counted(totals.links, "link"),
    counted(totals.binary, "binary file"),
    counted(totals.large, "file too large to be read", "files too large to be read"),
    counted(totals.repositories, "repository inside", "repositories inside"),
  ].filter((text) => !text.startsWith("0 "));
  const how = source === "git" ? "by git" : "by a walk, without git";
  return [
    `${shown(directory)}: ${counted(totals.files, "file")}, ${bytes(totals.bytes)}, ${counted(totals.lines, "line")} (listed ${how})`,
    ...(beside.length === 0 ? [] : [`  with ${beside.join(", ")}`]),
  ];
}

function languages({ languages: all }: CodebaseContext): readonly string[] {
  if (all.length === 0) return [];
  const width = Math.max(...all.slice(0, SHOWN).map(({ language }) => language.length));
  const lines = all.slice(0, SHOWN).map(({ language, files, lines: count, bytes: size }) => {
    return `  ${language.padEnd(width)}  ${counted(files, "file")}, ${counted(count, "line")}, ${bytes(size)}`;
  });
  return ["Languages", ...lines, ...more(all.length - SHOWN)];
}

function dependencies({
  dependencies: { manifests, first, direct, internal, locks },
}: CodebaseContext): readonly string[] {
  if (manifests + locks.count === 0) return [];
  const named = first.slice(0, SHOWN).map(({ path, name, version, members }) => {
    const what = [name, version]
      .filter((one) => one !== null)
      .map(shown)
      .join(" ");
    return `  ${shown(path)}${what === "" ? "" : `: ${what}`}${members > 0 ? `, ${counted(members, "member")}` : ""}`;
  });
  const locked = locks.first.slice(0, SHOWN).map(({ path, format, packages }) => {
    return `  ${shown(path)}: ${counted(packages, "package")} (${format})`;
  });
  const asked = `  ${counted(direct.count, "package")} asked for, ${counted(internal.count, "dependency inside", "dependencies inside")}`;
  return [
    `Manifests: ${manifests}`,
    ...named,
    ...more(manifests - SHOWN),
    asked,
    ...locked,
    ...more(locks.count - SHOWN),
  ];
}

function imports({ imports: found }: CodebaseContext): readonly string[] {
  if (found.typescript === "none" && found.lexical.length === 0) return [];
  const known =
    found.typescript === "unknown"
      ? ["  those of TypeScript and JavaScript are unknown: the package `typescript` is not installed"]
      : [];
  const lexical =
    found.lexical.length > 0 ? [`  ${found.lexical.join(" and ")}: by rules over lines, not by a parser`] : [];
  const most = found.mostImported.slice(0, SHOWN).map(({ name, modules }) => `  ${shown(name)} by ${modules}`);
  return [
    `Imports: ${counted(found.modules, "module")}, ${counted(found.imports, "import")} between them, ${found.unresolved} unresolved, ${counted(found.cycles, "cycle")}`,
    ...known,
    ...lexical,
    ...most,
  ];
}

function tests({ tests: { files, runners } }: CodebaseContext): readonly string[] {
  if (files + runners.length === 0) return [];
  const lines = runners.slice(0, SHOWN).map(({ runner, directory, because, command }) => {
    return `  ${runner}: ${command.join(" ")}${directory === "" ? "" : ` in ${shown(directory)}`} (${shown(because)})`;
  });
  return [`Tests: ${counted(files, "file")}`, ...lines, ...more(runners.length - SHOWN)];
}

function history({ history: known }: CodebaseContext): readonly string[] {
  if (known === null) return ["History: none"];
  const { commits, isWhole, authors, first, last, mostChanged } = known;
  return [
    `History: ${isWhole ? "" : "the last "}${counted(commits, "commit")} by ${counted(authors, "author")}, ${day(first)} to ${day(last.date)}`,
    ...mostChanged.slice(0, SHOWN).map(({ path, commits: count }) => `  ${shown(path)} in ${counted(count, "commit")}`),
  ];
}

function notes({ notes: all }: CodebaseContext): readonly string[] {
  if (all.length === 0) return [];
  const lines = all
    .slice(0, SHOWN)
    .map(({ code, path, text }) => `  ${code}: ${path === null ? "" : `${shown(path)}: `}${shown(text)}`);
  const left = all.length - SHOWN + all.reduce((sum, one) => sum + (one.more ?? 0), 0);
  return ["Not looked at", ...lines, ...more(all.length > SHOWN ? left : left + SHOWN - all.length)];
}

function more(count: number): readonly string[] {
  return count > 0 ? [`  and ${count.toLocaleString("en")} more`] : [];
}

function counted(count: number, one: string, several = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : several}`;
}

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];

function bytes(count: number): string {
  const unit = count < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(count) / 10));
  return `${(count / 1024 ** unit).toFixed(unit === 0 ? 0 : 1)} ${UNITS[unit] ?? ""}`;
}

function day(date: string): string {
  return date.slice(0, 10);
}

/** A name may have line ends and escape sequences: what is shown of one is one line without them. */
function shown(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}
