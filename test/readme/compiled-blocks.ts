// Code blocks of a page through the compiler, with the project's own options and `planwright` as users import it. The blocks
// exist in memory only, beside this file, so that what they import is found as everywhere in the project.
import path from "node:path";
import ts from "typescript";
import { ROOT } from "../tidy/tree.ts";

/** Messages of the compiler, `name(line): message`; none when all blocks compile. Names end in `.ts`. */
export function compilerMessages(blocks: ReadonlyMap<string, string>): string[] {
  const paths = {
    planwright: [path.join(ROOT, "src/index.ts")],
    "planwright/testing": [path.join(ROOT, "src/testing/index.ts")],
    "planwright/client": [path.join(ROOT, "src/client/index.ts")],
  };
  // A page may name what it does not go on to use.
  const options: ts.CompilerOptions = { ...projectOptions(), paths, noUnusedLocals: false };
  const files = new Map([...blocks].map(([name, text]) => [path.join(import.meta.dirname, name), text]));
  const host = ts.createCompilerHost(options);
  const onDisk = { fileExists: host.fileExists.bind(host), readFile: host.readFile.bind(host) };
  const getSourceFile = host.getSourceFile.bind(host);
  host.fileExists = (file) => files.has(path.normalize(file)) || onDisk.fileExists(file);
  host.readFile = (file) => files.get(path.normalize(file)) ?? onDisk.readFile(file);
  host.getSourceFile = (file, language, ...rest) => {
    const text = files.get(path.normalize(file));
    return text === undefined ? getSourceFile(file, language, ...rest) : ts.createSourceFile(file, text, language);
  };
  const program = ts.createProgram({ rootNames: [...files.keys()], options, host });
  return [...files.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(messageText);
  });
}

function projectOptions(): ts.CompilerOptions {
  const file = path.join(ROOT, "tsconfig.json");
  const read: unknown = ts.readConfigFile(file, (name) => ts.sys.readFile(name)).config;
  return ts.parseJsonConfigFileContent(read, { ...ts.sys, readDirectory: () => [] }, ROOT).options;
}

function messageText({ file, start = 0, messageText: message }: ts.Diagnostic): string {
  const text = ts.flattenDiagnosticMessageText(message, "\n");
  if (file === undefined) return text;
  return `${path.basename(file.fileName)}(${file.getLineAndCharacterOfPosition(start).line + 1}): ${text}`;
}
