/**
 * Random rules over streams, each with a content that is to be there: contents and expressions with all kinds of
 * places, and what is asked beside them.
 */
import type { Chance } from '../../app/random/chance.js';
import { WORDS } from './connection.js';

const HEX = /[^a-zA-Z]/g;
const escaped = (text: string): string =>
  text.replace(HEX, (byte) => `|${byte.charCodeAt(0).toString(16).padStart(2, '0')}|`);

function wordOf(chance: Chance): string {
  const words = chance.often(25) ? [chance.one(WORDS), chance.one(WORDS)] : [chance.one(WORDS)];
  const text = words.join(chance.one(['', ' ']));
  return chance.often(30) ? text.slice(0, 1 + chance.below(text.length)) : text;
}

function places(chance: Chance, length: number, isFirst: boolean): string {
  const absolute = [
    () => ` offset:${chance.below(30)};`,
    () => ` depth:${length + chance.below(60)};`,
    () => ` offset:${chance.below(10)}; depth:${length + chance.below(40)};`,
    () => ' startswith;',
    () => ' endswith;',
  ];
  const relative = [
    () => ` distance:${chance.below(12) - 2};`,
    () => ` within:${length + chance.below(30)};`,
    () => ` distance:${chance.below(8)}; within:${length + chance.below(20)};`,
  ];
  if (chance.often(isFirst ? 65 : 20)) return '';
  return chance.one(isFirst || chance.often(20) ? absolute : relative)();
}

function contentOf(chance: Chance, isFirst: boolean): string {
  const word = wordOf(chance);
  const not = !isFirst && chance.often(20) ? '!' : '';
  const nocase = chance.often(25) ? ' nocase;' : '';
  const fast = not === '' && chance.often(5) ? ' fast_pattern;' : '';
  return `content:${not}"${escaped(word)}";${nocase}${places(chance, word.length, isFirst)}${fast}`;
}

const EXPRESSIONS = [
  '/alpha\\s*beta/',
  '/^alpha/',
  '/^(?:alpha|beta|Delta)/',
  '/beta$/',
  '/(?:abc)+b/',
  '/gamma.{0,20}b/is',
  '/b\\x00/',
  '/^abc/m',
  '/\\r\\n\\w/',
  '/a{2}b/',
];
const RELATIVE = ['/^\\s?b/R', '/abc/R', '/^.{2}a/Rs', '/zz$/R'];

function besides(chance: Chance): string {
  const number = (most: number): number => chance.below(most);
  const compared = (): string => chance.one(['>', '<', '=', '!=', '>=', '<=']);
  return chance.one([
    () => `isdataat:${chance.often(30) ? '!' : ''}${1 + number(60)};`,
    () => `isdataat:${chance.often(30) ? '!' : ''}${1 + number(12)},relative;`,
    () => `pcre:"${chance.often(10) ? '!' : ''}${chance.one(EXPRESSIONS)}";`.replace('"!/', '!"/'),
    () => `pcre:"${chance.one(EXPRESSIONS)}";`,
    () => `pcre:"${chance.one(RELATIVE)}";`,
    () => `stream_size:${chance.one(['client', 'server', 'both', 'either'])},${compared()},${number(80)};`,
    () => `app-layer-protocol:${chance.often(40) ? '!' : ''}${chance.one(['http', 'ssh', 'smtp', 'failed'])};`,
    () => `flags:${chance.one(['A', 'PA', 'F', 'S', 'SA', 'R', '+F', '+A', 'FA'])};`,
    () => `dsize:${chance.one(['', '>', '<'])}${1 + number(40)};`,
    () => `seq:${1001 + number(20)};`,
    () => `byte_test:1,${chance.one(['>', '<', '='])},${number(128)},${number(8)};`,
  ])();
}

const FLOWS = ['established', 'to_server', 'to_client', 'stateless', 'not_established', 'no_stream', 'only_stream'];

export function streamRule(chance: Chance, sid: number): string {
  const header = chance.one(['tcp', 'tcp', 'tcp', 'tcp', 'tcp-pkt', 'tcp-stream', 'ip', 'http', 'ssh']);
  const flows = new Set(chance.some(2, () => chance.one(FLOWS)));
  const flow = flows.size === 0 ? '' : `flow:${[...flows].join(',')}; `;
  const contents = [contentOf(chance, true), ...chance.some(2, () => contentOf(chance, false))];
  const asked = [...contents, ...(chance.often(40) ? [besides(chance)] : [])];
  return `alert ${header} any any -> any any (${flow}${asked.join(' ')} sid:${sid};)`;
}
