/**
 * Which numbers of objects are no small integers to V8, and who has made them so first:
 *
 *   node test/bench/doubles.mjs CAPTURE… [--rules FILE…]
 *
 * A field that once held a number that came of a double (of a Float64Array, of NaN, Infinity or -0) is kept as a double
 * in all objects of its class; what is read from it is boxed in code that is not optimized yet, and code that was
 * optimized before is undone. For times and ids that is right; places and lengths should not be listed here. It reads
 * the captures with a copy of the built program whose fields tell; it looks at fields that classes begin as 0 or -1.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MARK = 'DOUBLE';
const CLASS = /^(?:export )?(?:var (\S+) = class|class (\S+))/;
const FIELD = /^\t(\w+) = (0|-1|NONE\S*);$/;

/** Runs in each thread: tells of a field once, with the three functions that have led to it. */
const TELL = `globalThis.tell ??= ((told) => (field, value) => {
  if (told.has(field)) return;
  told.add(field);
  const callers = new Error().stack.split('\\n').slice(3, 6).map((line) => line.trim().replace(/ \\(.*\\/|\\)$/g, ' '));
  process._rawDebug('${MARK} ' + field + ' ' + value + ' ' + callers.join(' < '));
})(new Set());
`;

/** The lines of a module, with accessors that tell in place of fields. */
function watched(code) {
  let name = '';
  const lines = code.split('\n').map((line) => {
    const found = CLASS.exec(line);
    if (found !== null) name = found[1] ?? found[2];
    const [, field, first] = FIELD.exec(line) ?? [];
    if (field === undefined) return line;
    return `\t__${field} = ${first};
\tget ${field}() { return this.__${field}; }
\tset ${field}(value) {
\t\tif (typeof value === 'number' && !%IsSmi(value)) tell('${name}.${field}', value);
\t\tthis.__${field} = value;
\t}`;
  });
  return TELL + lines.join('\n');
}

const at = process.argv.indexOf('--rules');
const captures = process.argv.slice(2, at < 0 ? undefined : at);
const rules = at < 0 ? [join(ROOT, 'rules')] : process.argv.slice(at + 1);
if (captures.length === 0) {
  console.error('usage: node test/bench/doubles.mjs CAPTURE… [--rules FILE…]');
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'periscope-doubles-'));
try {
  for (const part of ['dist', 'package.json']) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const chunks = join(folder, 'dist', 'chunks');
  for (const file of readdirSync(chunks).filter((name) => name.endsWith('.js'))) {
    writeFileSync(join(chunks, file), watched(readFileSync(join(chunks, file), 'utf8')));
  }
  const options = ['--eve', '/dev/null', '--workers', '1', '--var', 'HOME_NET=any', '--var', 'EXTERNAL_NET=any'];
  const command = [join(folder, 'dist/main.js'), 'read', ...captures, ...rules.flatMap((file) => ['--rules', file])];
  const log = join(folder, 'log');
  const { status } = spawnSync(process.execPath, ['--allow-natives-syntax', ...command, ...options], {
    stdio: ['ignore', 'ignore', openSync(log, 'w')],
  });
  process.exitCode = status ?? 1;
  const lines = readFileSync(log, 'utf8').split('\n');
  const told = lines.filter((line) => line.startsWith(MARK)).map((line) => line.slice(MARK.length + 1));
  console.log([...new Set(told)].sort().join('\n'));
  for (const line of lines) if (!line.startsWith(MARK) && line !== '') console.error(line);
} finally {
  rmSync(folder, { recursive: true });
}
