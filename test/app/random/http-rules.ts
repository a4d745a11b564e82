/** Random rules over HTTP/1.x: sticky buffers, older modifiers, letters of expressions, numbers, raw contents. */
import { LABELS, type Chance } from './chance.js';
import { ANSWER_FIELDS, FIELDS, METHODS, STATUS, URIS, WORDS } from './http.js';

type Side = '>' | '<';
/** A buffer and what may be in it. */
interface Buffer {
  readonly name: string;
  readonly sides: string;
  readonly modifier?: string;
  readonly letter?: string;
  readonly samples: (chance: Chance) => string;
}

const value = (name: string) => (chance: Chance) =>
  chance.one([...FIELDS, ...ANSWER_FIELDS].filter((field) => field[0] === name && field[1] !== ''))[1];
const field = (chance: Chance) => {
  const [name, text] = chance.one(chance.often(50) ? FIELDS : ANSWER_FIELDS);
  return chance
    .one([`${name}: ${text}`, name, `${text}\\r\\n`, `Host: ${chance.one(LABELS)}`])
    .replace(/;|"|\\r\\n/g, '');
};
const host = (chance: Chance) => chance.one(LABELS);
const word = (chance: Chance) => chance.one(WORDS);
const uri = (chance: Chance) => chance.one([...URIS, '/evil/x.y', '/b/c', '/a/b/c', '/win/dir/x.dll', '/q?x=a b+c']);

export const BUFFERS: readonly Buffer[] = [
  { name: 'http.method', sides: '>', modifier: 'http_method', letter: 'M', samples: (chance) => chance.one(METHODS) },
  { name: 'http.uri', sides: '>', modifier: 'http_uri', letter: 'U', samples: uri },
  { name: 'http.uri.raw', sides: '>', modifier: 'http_raw_uri', letter: 'I', samples: uri },
  {
    name: 'http.request_line',
    sides: '>',
    samples: (chance) => `${chance.one(METHODS)} ${chance.one(URIS)} HTTP/1.1`,
  },
  { name: 'http.response_line', sides: '<', samples: (chance) => `HTTP/1.1 ${chance.one(STATUS).join(' ')}` },
  {
    name: 'http.stat_code',
    sides: '<',
    modifier: 'http_stat_code',
    letter: 'S',
    samples: (c) => `${c.one(STATUS)[0]}`,
  },
  {
    name: 'http.stat_msg',
    sides: '<',
    modifier: 'http_stat_msg',
    letter: 'Y',
    samples: (c) => c.one(STATUS)[1] || 'OK',
  },
  { name: 'http.protocol', sides: '<>', samples: (chance) => chance.one(['HTTP/1.1', 'HTTP/1.0']) },
  { name: 'http.start', sides: '<>', samples: (chance) => (chance.often(50) ? 'HTTP/1.1' : field(chance)) },
  { name: 'http.header', sides: '<>', modifier: 'http_header', letter: 'H', samples: field },
  { name: 'http.header.raw', sides: '<>', modifier: 'http_raw_header', letter: 'D', samples: field },
  { name: 'http.header_names', sides: '<>', samples: (c) => c.one(c.often(50) ? FIELDS : ANSWER_FIELDS)[0] },
  { name: 'http.request_header', sides: '>', samples: field },
  { name: 'http.response_header', sides: '<', samples: field },
  { name: 'http.cookie', sides: '<>', modifier: 'http_cookie', letter: 'C', samples: () => 'sid=abc' },
  { name: 'http.host', sides: '>', modifier: 'http_host', letter: 'W', samples: (c) => host(c).toLowerCase() },
  { name: 'http.host.raw', sides: '>', modifier: 'http_raw_host', letter: 'Z', samples: host },
  { name: 'http.user_agent', sides: '>', modifier: 'http_user_agent', letter: 'V', samples: value('User-Agent') },
  { name: 'http.accept', sides: '>', samples: value('Accept') },
  { name: 'http.accept_enc', sides: '>', samples: value('Accept-Encoding') },
  { name: 'http.accept_lang', sides: '>', samples: value('Accept-Language') },
  { name: 'http.referer', sides: '>', samples: value('Referer') },
  { name: 'http.connection', sides: '<>', samples: value('Connection') },
  { name: 'http.content_len', sides: '<>', samples: (chance) => `${chance.below(40)}` },
  { name: 'http.content_type', sides: '<>', samples: value('Content-Type') },
  { name: 'http.server', sides: '<', samples: value('Server') },
  { name: 'http.location', sides: '<', samples: value('Location') },
  { name: 'http.request_body', sides: '>', modifier: 'http_client_body', letter: 'P', samples: word },
  { name: 'http.response_body', sides: '<', modifier: 'http_server_body', letter: 'Q', samples: word },
  { name: 'file.data', sides: '<>', samples: word },
  { name: 'file.name', sides: '<>', samples: (chance) => chance.one(['evil.exe', 'b.txt', 'index.html']) },
];

const escaped = (text: string): string => text.replace(/[;\\"|]/g, (one) => `|${one.charCodeAt(0).toString(16)}|`);
const quoted = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&').replace(/[;"]/g, '.');

/** Part of a text, more often than not its beginning. */
function partOf(chance: Chance, whole: string): string {
  if (chance.often(40)) return whole;
  const from = chance.often(50) ? 0 : chance.below(whole.length);
  return whole.slice(from, from + 1 + chance.below(whole.length));
}

function content(chance: Chance, whole: string, isFirst: boolean): string {
  const text = partOf(chance, whole);
  const not = chance.often(15) ? '!' : '';
  const places = isFirst
    ? ['startswith;', 'endswith;', `offset:${chance.below(6)};`, `depth:${text.length + chance.below(9)};`]
    : [`distance:${chance.below(6)};`, `within:${text.length + chance.below(30)};`, 'distance:0;', 'nocase;'];
  const more = chance.often(isFirst ? 35 : 60) ? ` ${chance.one(places)}` : '';
  return `content:${not}"${escaped(text)}";${chance.often(25) ? ' nocase;' : ''}${more === ' nocase;' ? '' : more}`;
}

const comparison = (chance: Chance): string => chance.one(['>', '<', '=', '!=']);

function furtherStep(chance: Chance, sample: string): string {
  const kind = chance.below(100);
  if (kind < 45) return content(chance, sample, false);
  if (kind < 60) return `isdataat:${chance.one(['', '!'])}${chance.below(30)}${chance.one(['', ',relative'])};`;
  if (kind < 70)
    return `byte_test:1,${comparison(chance)},${48 + chance.below(60)},${chance.below(6)}${chance.one(['', ',relative'])};`;
  if (kind < 80)
    return `byte_test:1,${comparison(chance)},${chance.below(10)},${chance.below(4)},string,dec${chance.one(['', ',relative'])};`;
  if (kind < 90)
    return `pcre:"/${chance.one(['', '^'])}${quoted(partOf(chance, sample))}/${chance.one(['', 'i', 'R'])}";`;
  return `byte_jump:1,${chance.below(4)},relative,string,dec; ${content(chance, sample, false)}`;
}

function sticky(chance: Chance, buffer: Buffer): string {
  const transforms = ['to_lowercase', 'strip_whitespace', 'compress_whitespace', 'url_decode'];
  const transform = chance.often(6) ? ` ${chance.one(transforms)};` : '';
  const sample = buffer.samples(chance);
  const steps = [content(chance, sample, true)];
  if (chance.often(30)) steps.push(furtherStep(chance, buffer.samples(chance)));
  if (chance.often(8)) steps.push(`bsize:${chance.one(['', '>', '<', '!'])}${sample.length + chance.below(9)};`);
  return `${buffer.name};${transform} ${steps.join(' ')}`;
}

function modified(chance: Chance, buffer: Buffer): string {
  const text = partOf(chance, buffer.samples(chance));
  const more = chance.often(25) ? ' nocase;' : '';
  return `content:${chance.often(15) ? '!' : ''}"${escaped(text)}"; ${buffer.modifier};${more}`;
}

function condition(chance: Chance, sides: string): string {
  const kind = chance.below(100);
  if (kind < 5 && sides.includes('>'))
    return `urilen:${chance.one(['', '>', '<'])}${chance.below(30)}${chance.one(['', ',raw', ',norm'])};`;
  if (kind < 12) return content(chance, chance.one([...WORDS, 'GET /', 'HTTP/1.1', 'Host: ', '200 OK']), true);
  if (kind < 15) return `filesize:${chance.one(['', '>', '<'])}${chance.below(60)};`;
  const buffers = BUFFERS.filter((one) => [...sides].some((side) => one.sides.includes(side)));
  const buffer = chance.one(buffers);
  if (buffer.modifier !== undefined && kind < 30) return modified(chance, buffer);
  if (buffer.letter !== undefined && kind < 36)
    return `pcre:"/${quoted(partOf(chance, buffer.samples(chance)))}/${buffer.letter}${chance.one(['', 'i'])}";`;
  return sticky(chance, buffer);
}

export function httpRule(chance: Chance, sid: number): string {
  const side: Side = chance.one(['>', '<']);
  const flows = side === '>' ? ['', 'flow:to_server; ', 'flow:established,to_server; '] : ['', 'flow:to_client; '];
  const wrong = chance.often(3) ? chance.one(['flow:to_server; ', 'flow:to_client; ']) : undefined;
  const count = 1 + (chance.often(45) ? 1 : 0) + (chance.often(15) ? 1 : 0);
  const conditions = Array.from({ length: count }, () => condition(chance, side));
  // A raw content is about the payload only where no buffer has been named before it.
  conditions.sort((a, b) => Number(a.includes('.')) - Number(b.includes('.')));
  return `alert http any any -> any any (${wrong ?? chance.one(flows)}${conditions.join(' ')} sid:${sid};)`;
}
