/**
 * Writes what threads warm up with (src/warm-up) beside the compiled modules: rules, compiled, and traffic. To be run
 * once build/ is there.
 */
import { copyFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const from = join(root, 'src', 'warm-up');
const to = join(root, 'build', 'warm-up');

export async function buildWarmUp() {
  const { buildRuleSet } = await import(pathToFileURL(join(root, 'build', 'load', 'build-rule-set.js')).href);
  const { handle, report } = buildRuleSet({
    rules: [join(from, 'warm-up.rules')],
    variables: {},
    tenants: [],
    thresholdFile: '',
    generation: 1,
  });
  if (report.failed > 0) throw new Error(`src/warm-up/warm-up.rules: ${JSON.stringify(report.findings ?? report)}`);
  writeFileSync(join(to, 'rules.bin'), new Uint8Array(handle.block));
  copyFileSync(join(from, 'traffic.pcap'), join(to, 'traffic.pcap'));
}
