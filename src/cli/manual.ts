/** The generated pages of the manual: settings and metrics, from the tables that the program itself uses. */
import { renderSettings } from '../config/settings.js';
import { METRICS } from '../metrics/definitions.js';
import { METRIC_PREFIX } from '../metrics/exporter.js';
import { DROP_REASONS } from '../counters/names.js';

const GENERATED = '<!-- Written by `npx vitest run test/cli/manual.test.ts -u`; do not edit. -->\n';

export function renderSettingsPage(): string {
  return `# Settings\n${GENERATED}\nDefaults < file (\`--config\`, YAML, keys nested or dotted) < environment < flags (\`--set key=value\`). All are checked at the start, and every problem is shown at once.\n\n${renderSettings()}`;
}

export function renderMetricsPage(): string {
  const rows = METRICS.map(
    ({ name, kind, labels, help }) =>
      `| \`${METRIC_PREFIX}${name}\` | ${kind} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
  );
  const reasons = DROP_REASONS.map(({ stage, reason }) => `| \`${stage}\` | \`${reason}\` |`);
  return [
    `# Metrics\n${GENERATED}`,
    `Counters are there from the start with 0, for every label value that is known by then; mirror sessions and rules get theirs as they come. The sums close at every scrape: \`${METRIC_PREFIX}received_packets_total\` = \`${METRIC_PREFIX}inspected_packets_total\` + \`${METRIC_PREFIX}dropped_packets_total\` (without stage \`socket\`, which never reached us) + \`${METRIC_PREFIX}pending_packets\`. \`process_*\` and \`nodejs_*\` are those of [prom-client](https://github.com/siimon/prom-client).\n`,
    '| Metric | Kind | Labels | Meaning |',
    '|---|---|---|---|',
    ...rows,
    `| \`${METRIC_PREFIX}alert_latency_seconds\` | histogram | | Time from the receipt of a packet to its alert. |`,
    `| \`${METRIC_PREFIX}build_info\` | gauge | \`version\`, \`node\` | Version of the sensor and of Node. |`,
    '\n## Why a packet was dropped\n',
    '| Stage | Reason |',
    '|---|---|',
    ...reasons,
    '',
  ].join('\n');
}
