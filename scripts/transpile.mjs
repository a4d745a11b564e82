/** Makes JavaScript of TypeScript without checking types, as the oldest supported Node cannot load TypeScript. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext };

/** Every module below `from`, file by file; other files go along. */
export function transpile(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) transpile(source, target);
    else if (entry.name.endsWith('.ts')) {
      const { outputText } = ts.transpileModule(readFileSync(source, 'utf8'), { compilerOptions });
      writeFileSync(target.replace(/\.ts$/, '.js'), outputText);
    } else cpSync(source, target);
  }
}
