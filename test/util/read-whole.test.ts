/** Files and pipes read whole. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { readWhole } from '../../src/util/read-whole.js';

const folder = mkdtempSync(join(tmpdir(), 'periscope-pipe-'));
const MODULE = pathToFileURL(join(import.meta.dirname, '../../build/util/read-whole.js')).href;
/** Prints the length of what a path brings. */
const PROGRAM = `import { readWhole } from ${JSON.stringify(MODULE)}; console.log(readWhole(process.argv[1]).length);`;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function pipe(name: string): string {
  execFileSync('mkfifo', [join(folder, name)]);
  return join(folder, name);
}

describe('a file that is read whole', () => {
  it('may be a file', () => {
    writeFileSync(join(folder, 'file'), 'text');
    expect(readWhole(join(folder, 'file')).toString()).toBe('text');
    expect(() => readWhole(join(folder, 'absent'))).toThrow('ENOENT');
  });

  it('may be a pipe that somebody writes to, a little at a time', async () => {
    const path = pipe('written');
    const child = spawn('sh', ['-c', `for part in 1 2 3; do echo $part; done > ${path}`]);
    const exited = once(child, 'exit');
    expect(readWhole(path).toString()).toBe('1\n2\n3\n');
    await exited;
  });

  it('may be the pipe of a shell, with more bytes than it holds at once', () => {
    const command = `node --input-type=module -e "$0" <(head -c 300000 /dev/zero)`;
    const { stdout } = spawnSync('bash', ['-c', command, PROGRAM], { encoding: 'utf8' });
    expect(stdout).toBe('300000\n');
    const input = 'rule '.repeat(100_000);
    const piped = `cat | node --input-type=module -e "$0" /dev/stdin`;
    expect(spawnSync('bash', ['-c', piped, PROGRAM], { input, encoding: 'utf8' }).stdout).toBe('500000\n');
  });

  it('is refused where it is a pipe that brings more than it may', async () => {
    const path = pipe('endless');
    const child = spawn('sh', ['-c', `cat /dev/zero > ${path}`], { stdio: 'ignore' });
    const exited = once(child, 'exit');
    expect(() => readWhole(path, 1_000_000)).toThrow('it is a pipe that brings more than 1000000 bytes');
    await exited;
  });

  it('is refused where it is a pipe that nobody writes to', () => {
    expect(() => readWhole(pipe('silent'))).toThrow('it is a pipe, and nobody has written to it within 2 s');
  });
});
