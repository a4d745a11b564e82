/** `npm run bench -- --plot`: measures how costs grow, and writes docs/growth: a page of tables, and plots. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { growth } from './growth.mjs';
import { machine } from './harness.mjs';
import { plotSvg } from './plot.mjs';
import { root } from './sensor.mjs';

const FOLDER = join(root, 'docs', 'growth');
const UNIT = 'ns a packet';
const number = new Intl.NumberFormat('en');
const shown = (value) => (typeof value === 'number' ? number.format(value) : value);

function section({ name, of, scale, says }, points) {
  writeFileSync(join(FOLDER, `${name}.svg`), plotSvg({ title: name, of, unit: UNIT, scale, points }));
  const rows = points.map(({ x, y }) => `| ${shown(x)} | ${shown(y)} |`).join('\n');
  return `## ${name}

![${UNIT} by ${of}](${name}.svg)

| ${of} | ${UNIT} |
|--:|--:|
${rows}

${says.replaceAll(/\s+/g, ' ')}
`;
}

export async function writeGrowth() {
  mkdirSync(FOLDER, { recursive: true });
  const sections = [];
  for (const series of growth) {
    const points = [];
    for (const x of series.values) {
      const y = Math.round(await series.cost(x));
      points.push({ x, y });
      console.log(`${`growth: ${shown(x)} ${series.of}`.slice(0, 76).padEnd(76)} ${shown(y).padStart(8)} ${UNIT}`);
    }
    sections.push(section(series, points));
  }
  const { cpu, cores, node } = machine();
  const head = `# Growth

What a packet costs as something grows: nanoseconds of one core for receiving (decode, dispatch) and inspecting it,
once V8 has compiled what runs often. Made by \`npm run bench -- --plot\` (\`test/bench/growth.mjs\`) on ${cpu},
${cores} processors, Node ${node}. 1 000 rules where rules are not what grows.
`;
  writeFileSync(join(FOLDER, 'README.md'), [head, ...sections].join('\n'));
  console.log(`\nwritten to ${FOLDER}`);
}
