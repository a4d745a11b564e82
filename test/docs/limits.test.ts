/**
 * What bounds each parser: docs/protocols/limits.md is made here (vitest -u writes it), with the values that the code
 * has. A constant that is called like a bound and stands in no row fails, and so does a row that names an event, a
 * counter or a setting that there is none of.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { APPLICATION_EVENTS } from '../../src/app/application-events.js';
import { PROTOCOLS } from '../../src/app/protocols.js';
import { inRoot } from '../support/root.js';
import type { Bound, Limit } from './limit.js';
import { COMMON_LIMITS, LIMITS, NO_LIMITS } from './limits.js';
import { folderOf, GENERATED, table } from './pages.js';

const read = (path: string): string => readFileSync(inRoot(path), 'utf8');

// ------------------------------------------------------------------------------------------------------- values

const NUMBER = String.raw`(\d[\d_]*(?: [+*] \d[\d_]*)*)`;

/** The value of a constant, or of a member of a layout: a number, a sum or a product. */
function valueOf(constant: string): number {
  const [file, name] = constant.split(':');
  const text = read(`src/app/${file}.ts`);
  const found = new RegExp(String.raw`(?:const ${name} = |^ +${name}: )${NUMBER}[;,]`, 'm').exec(text)?.[1];
  if (found === undefined) throw new Error(`there is no ${constant}`);
  return found
    .replaceAll('_', '')
    .split(' + ')
    .map((part) => part.split(' * ').reduce((product, factor) => product * Number(factor), 1))
    .reduce((sum, part) => sum + part, 0);
}

const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ' ');

function said([constant, unit, behind]: Bound): string {
  const value = valueOf(constant);
  const isLarge = value >= 1024 && value % 1024 === 0;
  const size = value % 1_048_576 === 0 ? `${value / 1_048_576} MiB` : `${grouped(value / 1024)} KiB`;
  const number = unit === '' ? grouped(value) : isLarge ? size : `${grouped(value)} bytes`;
  return behind === '' ? number : `${number} ${behind}`;
}

// --------------------------------------------------------------------------------------------------------- page

/** Of the protocols that tell it: an event of the transactions that are too many. */
const crowded = (folder: string): Limit[] =>
  PROTOCOLS.filter(({ name, crowded }) => crowded !== undefined && folderOf(name) === folder).map(({ crowded }) => ({
    what: 'open transactions',
    bounds: [['layer:transactionsOfConnection', '', '(`protocols`: `transactions`)']],
    beyond: `the oldest is completed as it is: \`${eventsOf(folder)[crowded!]!}\``,
  }));

function eventsOf(folder: string): string[] {
  return APPLICATION_EVENTS.filter(({ application }) => folderOf(application) === folder).flatMap(({ events }) =>
    events.map(({ name }) => name),
  );
}

const titleOf = (folder: string): string => read(`docs/protocols/${folder}.md`).split('\n')[0]!.replace('# ', '');
const rowsOf = (folder: string): Limit[] => [...LIMITS[folder]!, ...crowded(folder)];
const tableOf = (limits: readonly Limit[]): string =>
  table(
    ['what', 'bound', 'beyond it'],
    limits.map(({ what, bounds, beyond }) => [what, bounds.map(said).join(', '), beyond]),
  );

function page(): string {
  const sections = Object.keys(LIMITS).flatMap((folder) => [
    `## ${titleOf(folder)}`,
    `[${folder}.md](${folder}.md)`,
    tableOf(rowsOf(folder)),
  ]);
  return [
    `${GENERATED('limits')}# Bounds of what is parsed`,
    'Nothing that is sent makes a parser keep more than this. Where a bound is met, an event of the protocol says so (`app-layer-event`), or a counter ([metrics](../metrics.md)); where the table names neither, the rest is only not looked at. Names such as `protocols` are [settings](../settings.md).',
    '## All protocols',
    tableOf(COMMON_LIMITS),
    'The memory of what is kept, of streams and of files too, is bounded by `stream.memory` as a whole: idle flows give way first. Objects in events have 2 to 8 KiB, and lists in them 16 to 256 members; beyond, they are cut.',
    ...sections,
    '',
  ].join('\n\n');
}

// --------------------------------------------------------------------------------------------------------- code

const CALLED_SO = /^(?:export )?const ((?:MOST|LONGEST)(?:_\w+)?|\w+_LIMIT|DEPTH|LINE_BYTES|BANNER_BYTES)\b/gm;
const MEMBER = /^ {2}(mostBytes|mostFields): \d/gm;
/** Transactions of a shard: the same of all pools. */
const OF_SHARD = /:(?:TRANSACTION_LIMIT|TRANSFER_LIMIT|MOST_TRANSACTIONS)$/;
/** Probes bound what is plausible, and events what is printed. */
const ELSEWHERE = /^probe\/|(?:^|\/)(?:eve|event-object)$/;

const inCode = readdirSync(inRoot('src/app'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => path.replaceAll('\\', '/').replace(/\.ts$/, ''))
  .filter((file) => !ELSEWHERE.test(file))
  .flatMap((file) => {
    const text = read(`src/app/${file}.ts`);
    return [...text.matchAll(CALLED_SO), ...text.matchAll(MEMBER)].map(([, name]) => `${file}:${name!}`);
  });

const all = [...COMMON_LIMITS, ...Object.keys(LIMITS).flatMap(rowsOf)];
const told = new Set(all.flatMap(({ bounds }) => bounds.map(([constant]) => constant)));
const isTold = (constant: string): boolean => told.has(constant) || constant in NO_LIMITS || OF_SHARD.test(constant);

describe('bounds', () => {
  it('of the code are told', () => {
    expect(inCode.length).toBeGreaterThan(150);
    expect(inCode.filter((constant) => !isTold(constant))).toEqual([]);
    expect(Object.keys(NO_LIMITS).filter((constant) => !inCode.includes(constant))).toEqual([]);
  });

  it('of transactions are the same of every pool of a shard', () => {
    const pools = inCode.filter((constant) => OF_SHARD.test(constant));
    expect(new Set(pools.map(valueOf))).toEqual(new Set([valueOf('layer:transactions')]));
  });

  it('name events, counters and settings that there are', () => {
    const [metrics, settings] = [read('docs/metrics.md'), read('docs/settings.md')];
    const isKnown = (word: string, events: readonly string[]): boolean =>
      word.startsWith('periscope_')
        ? metrics.includes(`\`${word}\``)
        : events.includes(word) || new RegExp(String.raw`\b${word}\b`).test(settings);
    const wrong = [['', COMMON_LIMITS] as const, ...Object.keys(LIMITS).map((name) => [name, rowsOf(name)] as const)]
      .map(([folder, limits]) => [eventsOf(folder), limits] as const)
      .flatMap(([events, limits]) =>
        limits.flatMap(({ beyond, bounds }) =>
          [...`${beyond} ${bounds.map(([, , behind]) => behind).join(' ')}`.matchAll(/`([^`]+)`/g)]
            .map(([, word]) => word!)
            .filter((word) => !isKnown(word, events)),
        ),
      );
    expect(wrong).toEqual([]);
  });

  it('are there of every parser', () => {
    const folders = new Set(PROTOCOLS.map(({ name }) => folderOf(name)));
    expect([...folders].filter((folder) => !(folder in LIMITS))).toEqual([]);
    for (const folder of Object.keys(LIMITS)) {
      expect(existsSync(inRoot(`docs/protocols/${folder}.md`))).toBe(true);
      expect(read(`docs/protocols/${folder}.md`)).toContain('(limits.md#');
    }
  });

  it('are listed in the docs', async () => {
    await expect(page()).toMatchFileSnapshot('../../docs/protocols/limits.md');
  });
});
