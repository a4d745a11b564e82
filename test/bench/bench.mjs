#!/usr/bin/env node
/**
 * `npm run bench [-- PART...] [--record]`: the speed of the parts and of whole runs, one line each, as they come.
 * With --record the figures are kept in test/bench/record/<date>-node<major>.json, beside the machine they are from,
 * and docs/performance.md has them.
 * With --plot alone how costs grow is measured, and written to docs/growth.
 * Parts are chosen by how their names begin: `npm run bench -- matcher ring`. What cannot run here says why.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { decodeBenches } from './decode.mjs';
import { flowBenches } from './flow.mjs';
import { streamBenches } from './stream.mjs';
import { machine, yardstick } from './harness.mjs';
import { writeFigures } from './figures-page.mjs';
import { headerBenches } from './headers.mjs';
import { ingestBenches } from './ingest.mjs';
import { latencyBenches } from './latency.mjs';
import { loadBenches } from './load.mjs';
import { matcherBenches } from './matcher.mjs';
import { raceBenches } from './race.mjs';
import { readBenches } from './read.mjs';
import { ringBenches } from './ring.mjs';
import { ruleBenches } from './rules.mjs';
import { stageBenches } from './stages.mjs';
import { wasteBenches } from './waste.mjs';

if (process.argv.includes('--plot')) {
  const { writeGrowth } = await import('./growth-page.mjs');
  await writeGrowth();
  process.exit();
}
const parts = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const benches = [
  ...decodeBenches,
  ...ringBenches,
  ...flowBenches,
  ...matcherBenches,
  ...headerBenches,
  ...ingestBenches,
  ...loadBenches,
  ...latencyBenches,
  ...readBenches,
  ...raceBenches,
  ...streamBenches,
  ...stageBenches,
  ...ruleBenches,
  ...wasteBenches,
].filter(({ name }) => parts.length === 0 || parts.some((part) => name.startsWith(part)));

const measured = {
  date: new Date().toISOString().slice(0, 10),
  ...machine(),
  loadAverage: Number(loadavg()[0].toFixed(1)),
  yardstickMBps: Math.round(yardstick()),
  results: [],
};
console.log(
  `${measured.cpu}, ${measured.cores} cores, Node ${measured.node}; load average ${measured.loadAverage}; yardstick ${measured.yardstickMBps} MB/s of MD5\n`,
);
const shown = (value) => value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : 0 });
for (const { name, unit, run } of benches) {
  try {
    const outcome = await run();
    const { value, ...more } = typeof outcome === 'number' ? { value: outcome } : outcome;
    const result = { name, unit, value: Number(value.toPrecision(4)), ...more };
    if (unit === 'MB/s') result.ratio ??= Number((value / measured.yardstickMBps).toPrecision(3));
    measured.results.push(result);
    const details = Object.entries(result)
      .filter(([key]) => !['name', 'unit', 'value'].includes(key))
      .map(([key, text]) => `${key} ${text}`);
    console.log(`${name.padEnd(52)} ${shown(value).padStart(12)} ${unit.padEnd(10)} ${details.join(', ')}`);
  } catch (error) {
    if (error.skip === true) console.log(`${name.padEnd(52)} skipped: ${error.message}`);
    else {
      // The others are still measured.
      console.log(`${name.padEnd(52)} failed: ${error.stack}`);
      process.exitCode = 1;
    }
  }
}
if (process.argv.includes('--record')) {
  const folder = fileURLToPath(new URL('./record/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const file = `${folder}${measured.date}-node${measured.node.slice(1).split('.')[0]}.json`;
  writeFileSync(file, `${JSON.stringify(measured, null, 2)}\n`);
  writeFigures(measured);
  console.log(`\nkept in ${file}, and in docs/performance.md`);
}
