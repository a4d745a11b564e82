/** Makes JavaScript of TypeScript without checking types, as the oldest supported Node cannot load TypeScript. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'rolldown/utils';

/** Every module below `from`, file by file; other files go along. */
export function transpile(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) transpile(source, target);
    else if (entry.name.endsWith('.ts')) {
      const { code, errors } = transformSync(source, readFileSync(source, 'utf8'), { target: 'es2023' });
      if (errors.length > 0) throw new Error(`${source}: ${errors[0].message}`);
      writeFileSync(target.replace(/\.ts$/, '.js'), code);
    } else cpSync(source, target);
  }
}
