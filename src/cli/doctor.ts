/**
 * `periscope doctor`: reads a running sensor, or the figures of captures, and says in sentences what is wrong, the
 * worst first, and what share of the traffic was lost where.
 */
import { existsSync, readFileSync } from 'node:fs';
import { paintFor, type Paint } from '../util/paint.js';
import { reasonOf } from '../util/reason.js';
import { configure } from './configuration.js';
import { Figures, samplesOfMetrics, samplesOfStats } from './doctor-figures.js';
import { findingsOf, percent, reached, type Finding } from './doctor-findings.js';
import { CommandError, EXIT } from './exit.js';
import type { DoctorFlags } from './flags.js';

const ANSWER_MS = 10_000;

/** `target` is a `--stats` file, or the address of an admin port. */
export async function diagnose(target: string, flags: DoctorFlags): Promise<number> {
  const { mirror } = configure({ rules: [], var: {}, ...flags }).config;
  const figures = existsSync(target) ? readStats(target) : await askSensor(target);
  const findings = findingsOf(figures, mirror);
  const losses = lossesOf(figures);
  if (flags.json === true) process.stdout.write(`${JSON.stringify({ losses, findings }, undefined, 2)}\n`);
  else {
    const paint = paintFor(process.stdout);
    const paragraphs = findings.map((finding) => paragraph(finding, paint));
    process.stdout.write(`${[sumOf(figures, losses), ...paragraphs].join('\n\n')}\n`);
  }
  return findings.length === 0 ? EXIT.done : EXIT.findings;
}

function readStats(path: string): Figures {
  try {
    return new Figures(samplesOfStats(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new CommandError(EXIT.failed, `cannot read ${path}: ${reasonOf(error)}`);
  }
}

async function askSensor(target: string): Promise<Figures> {
  const base = /^https?:\/\//.test(target) ? target.replace(/\/+$/, '') : `http://${target}`;
  const get = async (path: string): Promise<Response> =>
    fetch(`${base}${path}`, { signal: AbortSignal.timeout(ANSWER_MS) });
  try {
    const metrics = await get('/metrics');
    const samples = samplesOfMetrics(await metrics.text());
    if (!metrics.ok || samples.length === 0) throw new Error(`status ${metrics.status}, and no metrics of a sensor`);
    const { reasons } = (await (await get('/readyz')).json()) as { reasons: readonly string[] };
    return new Figures(samples, reasons, Date.now() / 1000);
  } catch (error) {
    const { cause } = error as { cause?: unknown };
    const noFile = /^https?:|:\d+$/.test(target) ? '' : `there is no file ${target}, and `;
    throw new CommandError(EXIT.failed, `${noFile}no sensor answers at ${base}: ${reasonOf(cause ?? error)}`);
  }
}

/** By part, as the sensor has it; what the configuration leaves out is no loss. */
function lossesOf(figures: Figures): Record<string, number> {
  return Object.fromEntries([
    ['all', figures.sum('loss_ratio')],
    ...figures.all('loss_part_ratio').map(({ labels, value }) => [labels.part, value] as const),
  ]) as Record<string, number>;
}

function sumOf(figures: Figures, { all: lost, ...losses }: Readonly<Record<string, number>>): string {
  const all = reached(figures);
  const parts = Object.entries(losses)
    .filter(([, share]) => share > 0)
    .map(([part, share]) => `${part} ${percent(share)}`);
  const seen = all === 0 ? 0 : figures.sum('inspected_packets_total') / all;
  return (
    `Of ${Math.round(all).toLocaleString('en').replaceAll(',', ' ')} packets ${percent(seen)} were inspected. ` +
    (parts.length === 0 ? 'Nothing was lost.' : `Lost in all: ${percent(lost)}; ${parts.join(', ')}.`)
  );
}

const COLOURS = { blind: 'red', loses: 'yellow', notice: 'cyan' } as const;

const paragraph = ({ grade, says, change }: Finding, paint: Paint): string =>
  `${paint(COLOURS[grade], `${grade}:`)} ${says}\n  ${change}`;
