/** `npm run bench -- --record`: writes the newest record into docs/performance.md, between two marks. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './sensor.mjs';

const PAGE = join(root, 'docs', 'performance.md');
const BEGIN = '<!-- figures: written by npm run bench -- --record -->';
const END = '<!-- end of figures -->';
const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });

/** `perCpuSecond` → `per CPU second`. */
const words = (key) =>
  key.replace(/(?<=[a-z])(?=[A-Z][a-z])/g, ' ').replace(/(?<= )[A-Z](?=[a-z])/g, (first) => first.toLowerCase());

function row({ name, unit, value, ...more }) {
  const details = Object.entries(more).map(
    ([key, each]) => `${words(key)} ${typeof each === 'number' ? number.format(each) : each}`,
  );
  return `| ${name} | ${number.format(value)} ${unit} | ${details.join(', ')} |`;
}

/** @param record as `npm run bench -- --record` keeps it */
export function figures({ date, cpu, cores, node, loadAverage, yardstickMBps, results }) {
  const groups = byPart(results);
  const tables = [...groups].map(
    ([group, some]) => `### ${group}\n\n| | | |\n|---|--:|---|\n${some.map(row).join('\n')}\n`,
  );
  return `${BEGIN}

Measured on ${date}: ${cpu}, ${cores} processors, Node ${node.replace('v', '')}, load average ${loadAverage} before it;
${number.format(yardstickMBps)} MB/s of MD5 on one core. What each line means, and what it checks, is in
[test/bench/README.md](../test/bench/README.md).

${tables.join('\n')}
${END}`;
}

/** Results by the part that their names begin with (Node 20 has no Map.groupBy). */
function byPart(results) {
  const groups = new Map();
  for (const each of results) {
    const group = each.name.split(':')[0];
    groups.set(group, [...(groups.get(group) ?? []), each]);
  }
  return groups;
}

export function writeFigures(record) {
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${PAGE} has no place for figures: ${BEGIN} … ${END}`);
  writeFileSync(PAGE, page.slice(0, begin) + figures(record) + page.slice(end + END.length));
}
