/** What makes packets in the tests, for scripts: it is TypeScript, and is transpiled first. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transpile } from '../../scripts/transpile.mjs';
import { root } from './sensor.mjs';

const MODULES = [
  'packet-builder',
  'recording',
  'application-messages',
  'application-samples',
  'conversation',
  'pcap-writer',
];

export async function loadSupport() {
  const folder = mkdtempSync(join(tmpdir(), 'periscope-support-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    transpile(join(root, 'test', 'support'), folder);
    const modules = await Promise.all(MODULES.map((name) => import(pathToFileURL(join(folder, `${name}.js`)).href)));
    return Object.assign({}, ...modules);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
