#!/usr/bin/env node
/**
 * Writes the captures in samples/, and the one that threads warm up with, byte for byte the same on every run. What is
 * in them is TypeScript under test/support/samples, built with the packet builder of the tests; it is transpiled into a
 * temporary folder first, as the oldest supported Node cannot load TypeScript.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const support = join(root, 'test', 'support');

/** Transpiles every module below `from`, file by file, without checking types. */
function transpile(from, to) {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    const source = join(from, name);
    if (statSync(source).isDirectory()) {
      transpile(source, join(to, name));
    } else if (name.endsWith('.ts') && !name.endsWith('.test.ts')) {
      const { outputText } = ts.transpileModule(readFileSync(source, 'utf8'), {
        compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
      });
      writeFileSync(join(to, name.replace(/\.ts$/, '.js')), outputText);
    }
  }
}

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
