#!/usr/bin/env node
/**
 * Writes the captures in samples/, and the one that threads warm up with, byte for byte the same on every run. What is
 * in them is TypeScript under test/support/samples, built with the packet builder of the tests; it is transpiled into a
 * temporary folder first.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transpile } from './transpile.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const support = join(root, 'test', 'support');

const built = mkdtempSync(join(tmpdir(), 'periscope-samples-'));
try {
  writeFileSync(join(built, 'package.json'), '{"type":"module"}');
  transpile(support, built);
  const { SAMPLES, sampleFile } = await import(pathToFileURL(join(built, 'samples', 'samples.js')).href);
  for (const [name, make] of Object.entries(SAMPLES)) {
    const recording = make();
    const file = sampleFile(recording);
    writeFileSync(join(root, 'samples', name), file);
    console.log(`samples/${name}: ${recording.frames.length} packets, ${file.length} bytes`);
  }
  const { warmUpFile } = await import(pathToFileURL(join(built, 'samples', 'warm-up.js')).href);
  const file = warmUpFile();
  writeFileSync(join(root, 'src', 'warm-up', 'traffic.pcap'), file);
  console.log(`src/warm-up/traffic.pcap: ${file.length} bytes`);
} finally {
  rmSync(built, { recursive: true, force: true });
}
