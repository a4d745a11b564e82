/** The command line as its user sees it: what help says, and what goes to which stream. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../src/cli/program.js';
import { Folder } from '../support/sensor.js';

const root = join(import.meta.dirname, '..', '..');

describe('help', () => {
  it.each(
    buildProgram(() => undefined).commands.map((command) => [command.name(), command.helpInformation()] as const),
  )('of %s shows defaults that say something only', (_name, help) => {
    expect(help).not.toMatch(/default:\s*(?:\{\}|\[\])/);
  });

  it('still shows the others', () => {
    const update = buildProgram(() => undefined).commands.find((command) => command.name() === 'update')!;
    expect(update.helpInformation()).toContain('(default: "120")');
  });
});

describe('check', () => {
  it('may have its output cut short by who reads it', async () => {
    const shell = spawn(
      'sh',
      ['-c', `${process.execPath} dist/main.js check --rules rules --json; echo "status $?" >&2`],
      { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    shell.stdout.destroy();
    let said = '';
    shell.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await new Promise((done) => shell.on('close', done));
    expect(said).toBe('status 0\n');
  });
});

describe('npm start', () => {
  it('writes nothing but events to stdout', async () => {
    const child = spawn(
      'npm',
      [
        'start',
        '--',
        '--listen',
        '127.0.0.1:0',
        '--admin',
        '127.0.0.1:0',
        '--workers',
        '1',
        '--set',
        'shutdown.drainSeconds=0',
      ],
      { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
    );
    let [out, logs] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const closed = new Promise((done) => child.on('close', done));
    await new Promise<void>((done) => {
      child.stderr.on('data', (chunk: Buffer) => {
        logs += chunk.toString();
        if (logs.includes('ready: ')) done();
      });
      void closed.then(() => done());
    });
    process.kill(-child.pid!, 'SIGTERM');
    await closed;
    expect(logs).toContain('ready: ');
    expect(out).toBe('');
  });

  it('leaves what the installation of packages says to stderr', async () => {
    const folder = new Folder();
    const npm = folder.write('bin/npm', '#!/bin/sh\necho added 199 packages\n');
    chmodSync(npm, 0o755);
    folder.write('package-lock.json', '{}');
    cpSync(join(root, 'scripts'), folder.at('scripts'), { recursive: true });
    const build = spawnSync(process.execPath, [folder.at('scripts/build.mjs')], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${dirname(npm)}:${process.env.PATH}` },
    });
    folder.remove();
    expect(build.stdout).toBe('');
    expect(build.stderr).toContain('added 199 packages');
  });
});
