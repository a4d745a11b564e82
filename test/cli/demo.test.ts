/** `npm run demo` as its user sees it. Runs the built sensor. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

describe('the demo', () => {
  it('ends with aligned sums and with what to do next', async () => {
    const environment = { ...process.env, FORCE_COLOR: '0' };
    const child = spawn(process.execPath, ['scripts/demo.mjs'], {
      cwd: root,
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const status = await new Promise((done) => child.on('close', done));
    expect(status).toBe(0);
    const [, table = '', next = ''] =
      /\npackets\n([^]*)\nevery packet is accounted for\n\nWhat to do next:\n([^]*)$/.exec(out) ?? [];
    const rows = table.split('\n').filter((line) => line.startsWith('  '));
    expect(rows.length).toBeGreaterThan(10);
    expect(new Set(rows.map((row) => row.length)).size).toBe(1);
    for (const command of [
      'npm start',
      'node dist/main.js read samples/',
      'node dist/main.js check',
      'node dist/main.js update',
    ])
      expect(next).toContain(`  ${command}`);
    expect(out).not.toContain('\x1b');
  });
});
