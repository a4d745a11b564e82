/**
 * The oracle of the verifier: interprets rule programs as they are, and tries everything. Slow, and close to the words
 * of the documentation: a content may start anywhere, each start is tried, and numbers are BigInts.
 */
import { createHash } from 'node:crypto';
import { constants, inflateRawSync } from 'node:zlib';
import { parse } from 'tldts';
import { OUTPUT_BYTES } from '../../src/memory/layout.js';
import type { PcreUse } from '../../src/match/pcre/simplify.js';
import { createMachine, isForMachine, translatePcre, type TranslatedPcre } from '../../src/match/pcre/pcre.js';
import type { RuleProgram } from '../../src/rule/program.js';
import type {
  Asn1,
  Base64Mode,
  BerElement,
  BufferMatch,
  ByteExtract,
  ByteJump,
  ByteMath,
  ByteTest,
  ContentMatch,
  Entropy,
  PcreMatch,
  Transform,
  Value,
} from '../../src/rule/buffer-match.js';
import { NaiveDatasets } from './naive-datasets.js';

type Variables = ReadonlyMap<number, bigint>;
/** Where the last match ended, and the variables, behind a step that passed. */
interface After {
  readonly position: number;
  readonly variables: Variables;
  /** What base64_decode has made last. */
  readonly decoded?: Uint8Array | undefined;
  readonly datasets: NaiveDatasets;
}

/** Whether all steps of the rule pass; `bytesOf` yields a buffer, or undefined where the packet does not offer it. */
export function naiveVerify(
  rule: Pick<RuleProgram, 'buffers'>,
  bytesOf: (buffer: string) => Uint8Array | undefined,
  datasets = new NaiveDatasets(),
): boolean {
  let state: After = { position: 0, variables: new Map(), datasets };
  datasets.begin();
  for (const { buffer, matches, transforms, absent } of rule.buffers) {
    const located = buffer === 'base64_data' ? state.decoded : bytesOf(buffer);
    if (located === undefined && absent !== undefined) continue;
    if (located === undefined || absent === 'only') return false;
    const bytes = (transforms ?? []).reduce(transformed, located);
    const after = passAll(bytes, matches, { ...state, position: 0 });
    if (after === undefined) return false;
    state = after;
  }
  return true;
}

/** The state behind the last step, for the first choice of occurrences (from the left) that lets every step pass. */
function passAll(bytes: Uint8Array, matches: readonly BufferMatch[], before: After): After | undefined {
  const [match, ...rest] = matches;
  if (match === undefined) return before;
  for (const after of outcomes(bytes, match, before)) {
    const end = passAll(bytes, rest, after);
    if (end !== undefined) return end;
  }
  return undefined;
}

/** All ways in which the step passes. */
function outcomes(bytes: Uint8Array, match: BufferMatch, before: After): After[] {
  const unchanged = (passes: boolean): After[] => (passes ? [before] : []);
  switch (match.kind) {
    case 'number':
      throw new Error('a number is no bytes to step over');
    case 'content': {
      const ends = contentEnds(bytes, match, before);
      return match.negated ? unchanged(ends.length === 0) : ends.map((position) => ({ ...before, position }));
    }
    case 'pcre': {
      const ends = pcreEnds(bytes, match, before.position);
      return match.negated ? unchanged(ends.length === 0) : ends.map((position) => ({ ...before, position }));
    }
    case 'isdataat': {
      const wanted = signed(match.position, before.variables);
      const present = match.relative ? before.position + wanted <= bytes.length : wanted < bytes.length;
      return unchanged(present !== match.negated);
    }
    case 'bsize':
      return unchanged(
        match.ranges.some(([low, high]) => {
          const length = bytes.length - (match.relative === true ? before.position : 0);
          return length >= low && length <= high;
        }),
      );
    case 'base64_decode': {
      const from = (match.relative ? before.position : 0) + match.offset;
      const decoded = fromBase64(bytes.subarray(from, match.bytes === 0 ? undefined : from + match.bytes), 'rfc4648');
      return decoded.length > 0 ? [{ ...before, decoded }] : [];
    }
    case 'dataset':
    case 'datarep':
      return unchanged(before.datasets.passes(match, bytes));
    case 'asn1':
      return unchanged(hasAsn1Fault(bytes, match, before.position));
    case 'ber':
      return berStep(bytes, match, before);
    case 'entropy':
      return unchanged(entropyPasses(bytes, match));
    case 'byte_test':
      return unchanged(testPasses(bytes, match, before));
    case 'byte_jump':
      return jump(bytes, match, before);
    case 'byte_extract':
      return extract(bytes, match, before);
    case 'byte_math':
      return calculate(bytes, match, before);
  }
}

const asSigned = (value: bigint): number => Number(BigInt.asIntN(64, value));
const signed = (value: Value, variables: Variables): number =>
  typeof value === 'number' ? value : asSigned(variables.get(value.variable) ?? 0n);
const unsigned = (value: Value | bigint, variables: Variables): bigint =>
  typeof value === 'number' || typeof value === 'bigint' ? BigInt(value) : (variables.get(value.variable) ?? 0n);

function contentEnds(bytes: Uint8Array, match: ContentMatch, { position, variables }: After): number[] {
  const ends: number[] = [];
  for (let start = 0; start + match.bytes.length <= bytes.length; start++) {
    const end = start + match.bytes.length;
    if (!match.bytes.every((byte, i) => same(byte, bytes[start + i], match.nocase))) continue;
    if (match.startswith && start !== 0) continue;
    if (match.endswith && end !== bytes.length) continue;
    if (isAllowed(match, start, end, position, variables)) ends.push(end);
  }
  return ends;
}

function isAllowed(match: ContentMatch, start: number, end: number, position: number, variables: Variables): boolean {
  const number = (value: Value | undefined): number => (value === undefined ? 0 : signed(value, variables));
  const relative = match.distance !== undefined || match.within !== undefined;
  const offset = number(match.offset);
  if (!relative && offset < 0) return false;
  if (start < offset) return false;
  if (match.depth !== undefined && end > offset + number(match.depth)) return false;
  if (!relative) return true;
  const from = position + number(match.distance);
  return start >= from && (match.within === undefined || end <= from + number(match.within));
}

const lower = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);
const same = (a: number, b: number, nocase: boolean): boolean => (nocase ? lower(a) === lower(b) : a === b);

function translated(pattern: string, flags: string, use: PcreUse): TranslatedPcre {
  const result = translatePcre(pattern, flags, use);
  if (!result.ok) throw new Error(result.message);
  return result;
}

/** One match per start, as found from behind the start of the one before. */
function pcreEnds(bytes: Uint8Array, match: PcreMatch, position: number): number[] {
  const base = match.relative ? position : 0;
  const text = Buffer.from(bytes).toString('latin1').slice(base);
  const ends: number[] = [];
  const { source, flags } = translated(match.pattern, match.flags, match.use);
  if (isForMachine(flags)) {
    const machine = createMachine(source, flags);
    for (let from = 0; from <= text.length && machine.find(text, from); from = machine.matchStart + 1)
      ends.push(base + machine.matchEnd);
    return ends;
  }
  const regex = new RegExp(source, `${flags}g`);
  let from = 0;
  while (from <= text.length) {
    regex.lastIndex = from;
    const found = regex.exec(text);
    if (found === null) break;
    ends.push(base + found.index + found[0].length);
    from = found.index + 1;
  }
  return ends;
}

interface Read {
  readonly at: number;
  readonly value: bigint;
  readonly consumed: number;
}

function read(
  bytes: Uint8Array,
  match: ByteTest | ByteJump | ByteExtract | ByteMath,
  { position, variables }: After,
): Read | undefined {
  const at = (match.relative ? position : 0) + signed(match.offset, variables);
  if (
    bytes.length === 0 ||
    at < 0 ||
    at > bytes.length ||
    (match.relative && match.kind !== 'byte_jump' && at >= bytes.length)
  )
    return undefined;
  const wanted = signed(match.bytes, variables);
  const number =
    match.text === undefined ? readBinary(bytes, at, wanted, match.endian) : readText(bytes, at, wanted, match.text);
  if (number === undefined || match.bitmask === undefined) return number && { at, ...number };
  let value = number.value & BigInt(match.bitmask);
  for (let mask = match.bitmask; mask !== 0 && mask % 2 === 0; mask /= 2) value >>= 1n;
  return { at, value, consumed: number.consumed };
}

type Number64 = Pick<Read, 'value' | 'consumed'>;

function readBinary(bytes: Uint8Array, at: number, count: number, endian: string): Number64 | undefined {
  if (count < 0 || count > 8 || at + count > bytes.length) return undefined;
  const part = [...bytes.subarray(at, at + count)];
  if (endian === 'little') part.reverse();
  return { value: part.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n), consumed: count };
}

const DIGITS = {
  hex: /^[\t-\r ]*([+-]?)(?:0[xX](?=[0-9a-fA-F]))?([0-9a-fA-F]+)/,
  dec: /^[\t-\r ]*([+-]?)([0-9]+)/,
  oct: /^[\t-\r ]*([+-]?)([0-7]+)/,
};
const PREFIX = { hex: '0x', dec: '', oct: '0o' };

function readText(bytes: Uint8Array, at: number, wanted: number, base: 'hex' | 'dec' | 'oct'): Number64 | undefined {
  const count = wanted === 0 ? Math.min(23, bytes.length - at) : wanted;
  if (count < 0 || count > 23 || at + count > bytes.length) return undefined;
  const found = DIGITS[base].exec(Buffer.from(bytes.subarray(at, at + count)).toString('latin1'));
  if (found === null) return undefined;
  const value = BigInt(PREFIX[base] + found[2]);
  if (value >= 1n << 64n) return undefined;
  return { value: BigInt.asUintN(64, found[1] === '-' ? -value : value), consumed: found[0].length };
}

function testPasses(bytes: Uint8Array, match: ByteTest, before: After): boolean {
  const number = read(bytes, match, before);
  return (
    number !== undefined &&
    compare(number.value, match.operator, unsigned(match.value, before.variables)) !== match.negated
  );
}

function compare(a: bigint, operator: ByteTest['operator'], b: bigint): boolean {
  switch (operator) {
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '=':
      return a === b;
    case '<=':
      return a <= b;
    case '>=':
      return a >= b;
    case '&':
      return (a & b) !== 0n;
    case '^':
      return (a ^ b) !== 0n;
  }
}

const roundUp = (value: bigint, unit: bigint): bigint => ((value + unit - 1n) / unit) * unit;

function jump(bytes: Uint8Array, match: ByteJump, before: After): After[] {
  const number = read(bytes, match, before);
  if (number === undefined) return [];
  let value = BigInt.asUintN(64, number.value * BigInt(match.multiplier));
  if (match.align) value = BigInt.asUintN(64, roundUp(value, 4n));
  const origin = match.from === 'beginning' ? 0 : match.from === 'end' ? bytes.length : number.at + number.consumed;
  const target = origin + asSigned(value) + signed(match.postOffset, before.variables);
  return target > bytes.length ? [] : [{ ...before, position: Math.max(0, target) }];
}

function extract(bytes: Uint8Array, match: ByteExtract, before: After): After[] {
  const number = read(bytes, match, before);
  if (number === undefined) return [];
  let value = BigInt.asUintN(64, number.value * BigInt(match.multiplier));
  if (match.align !== 0) value = BigInt.asUintN(64, roundUp(value, BigInt(match.align)));
  return [
    {
      ...before,
      position: number.at + number.consumed,
      variables: new Map(before.variables).set(match.variable, value),
    },
  ];
}

function calculate(bytes: Uint8Array, match: ByteMath, before: After): After[] {
  const number = read(bytes, match, before);
  if (number === undefined) return [];
  const value = operate(number.value, match.operator, unsigned(match.value, before.variables));
  if (value === undefined) return [];
  return [
    {
      ...before,
      position: number.at + number.consumed,
      variables: new Map(before.variables).set(match.variable, BigInt.asUintN(64, value)),
    },
  ];
}

function operate(a: bigint, operator: ByteMath['operator'], b: bigint): bigint | undefined {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0n ? undefined : a / b;
    case '<<':
      return b > 63n ? 0n : a << b;
    case '>>':
      return b > 63n ? 0n : a >> b;
  }
}

// ------------------------------------------------------- base64, BER, entropy, transforms

function fromBase64(bytes: Uint8Array, mode: Base64Mode): Uint8Array {
  let text = Buffer.from(bytes).toString('latin1');
  if (mode === 'rfc2045') text = text.replace(/[^A-Za-z0-9+/=]/g, '');
  const isWhole = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);
  if (mode === 'strict') return Uint8Array.from(isWhole ? Buffer.from(text, 'base64') : []);
  const [groups] = /^(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]===|====)*/.exec(text)!;
  const [rest] = /^[A-Za-z0-9+/]*/.exec(text.slice(groups.length))!;
  const parts = [...(groups.match(/.{4}/g) ?? []), rest];
  return Uint8Array.from(Buffer.concat(parts.map((part) => Buffer.from(part.replaceAll('=', ''), 'base64'))));
}

interface Element {
  readonly identifier: number;
  readonly contents: number;
  /** Undefined where it is indefinite. */
  readonly length: number | undefined;
}

function readElement(bytes: Uint8Array, at: number): Element | undefined {
  const identifier = bytes[at];
  let next = at + 1;
  if (identifier === undefined) return undefined;
  if (identifier % 32 === 31) {
    while (next < bytes.length && bytes[next]! >= 128) next++;
    next++;
  }
  const first = bytes[next++];
  if (first === undefined) return undefined;
  if (first < 128) return { identifier, contents: next, length: first };
  if (first === 128) return { identifier, contents: next, length: undefined };
  const size = first - 128;
  if (size > 4 || next + size > bytes.length) return undefined;
  return {
    identifier,
    contents: next + size,
    length: Number(`0x${Buffer.from(bytes.subarray(next, next + size)).toString('hex')}`),
  };
}

function hasAsn1Fault(bytes: Uint8Array, match: Asn1, position: number): boolean {
  let at = (match.relative ? position : 0) + match.offset;
  if (at < 0) return false;
  for (let count = 0; count < 256; count++) {
    const element = readElement(bytes, at);
    if (element === undefined) return false;
    const { identifier, contents, length = -1 } = element;
    if (match.oversizeLength !== undefined && length > match.oversizeLength) return true;
    const first = length > 0 ? bytes[contents] : undefined;
    if (match.bitstringOverflow && identifier === 3 && first !== undefined && first > (length - 1) * 8) return true;
    if (match.doubleOverflow && identifier === 9 && first !== undefined && first < 64 && length > 256) return true;
    at = (identifier & 32) !== 0 || length < 0 ? contents : contents + length;
  }
  return false;
}

function berStep(bytes: Uint8Array, match: BerElement, before: After): After[] {
  const element = readElement(bytes, before.position);
  if (element === undefined) return [];
  if (element.identifier !== match.type) return match.optional ? [before] : [];
  if (element.length === undefined) return [];
  const position = element.contents + (match.move === 'skip' ? element.length : 0);
  return position <= bytes.length ? [{ ...before, position }] : [];
}

function entropyPasses(bytes: Uint8Array, { bytes: count, offset, operator, value, high = value }: Entropy): boolean {
  const part = [...bytes.subarray(offset, count === 0 ? undefined : offset + count)];
  if (part.length === 0 || part.length < count) return false;
  const shares = [...new Set(part)]
    .sort((a, b) => a - b)
    .map((each) => part.filter((byte) => byte === each).length / part.length);
  const measured = Math.round(shares.reduce((sum, share) => sum - share * Math.log2(share), 0) * 1e6);
  return {
    '<': measured < value,
    '<=': measured <= value,
    '>': measured > value,
    '>=': measured >= value,
    '=': measured === value,
    '!=': measured !== value,
    '<>': measured > value && measured < high,
    '!<>': measured <= value || measured >= high,
  }[operator];
}

function transformed(bytes: Uint8Array, transform: Transform): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  const of = (changed: string): Uint8Array => Uint8Array.from(Buffer.from(changed, 'latin1'));
  const hash = (name: string): Uint8Array => Uint8Array.from(createHash(name).update(bytes).digest());
  switch (transform.kind) {
    case 'dotprefix':
      return of(`.${text}`);
    case 'to_lowercase':
      return of(text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()));
    case 'to_uppercase':
      return of(text.replace(/[a-z]/g, (letter) => letter.toUpperCase()));
    case 'strip_whitespace':
      return of(text.replace(/[\t-\r ]/g, ''));
    case 'compress_whitespace':
      return of(text.replace(/([\t-\r ])[\t-\r ]+/g, '$1'));
    case 'url_decode':
      return of(
        text.replace(/\+|%[0-9a-fA-F]{2}/g, (part) =>
          part === '+' ? ' ' : String.fromCharCode(Number(`0x${part.slice(1)}`)),
        ),
      );
    case 'to_md5':
      return hash('md5');
    case 'to_sha1':
      return hash('sha1');
    case 'to_sha256':
      return hash('sha256');
    case 'header_lowercase':
      return of(
        text
          .split('\n')
          .map((line) =>
            line.replace(/^(?:[^:]|^:)[^:]*/, (part) => part.replace(/[A-Z]/g, (letter) => letter.toLowerCase())),
          )
          .join('\n'),
      );
    case 'strip_pseudo_headers':
      return of(text.replace(/^:[^\n]*(?:\n|$(?![^]))/gm, ''));
    case 'xor': {
      const key =
        transform.key instanceof Uint8Array
          ? transform.key
          : bytes.slice(transform.key.offset, transform.key.offset + transform.key.bytes);
      const whole = transform.key instanceof Uint8Array || key.length === transform.key.bytes;
      return transform.offset > bytes.length || !whole
        ? bytes
        : bytes.map((byte, index) =>
            index < transform.offset ? byte : byte ^ key[(index - transform.offset) % key.length]!,
          );
    }
    case 'subslice':
      return sliceOf(bytes, transform);
    case 'gunzip':
      return inflated(bytes.subarray(gzipHeaderLength(bytes)), transform.maximum);
    case 'zlib_deflate':
      return isZlib(bytes) ? inflated(bytes.subarray(2), transform.maximum) : new Uint8Array(0);
    case 'json_decode':
      return plainJson(text);
    case 'domain':
      return of(hostPart(text, 'domain'));
    case 'tld':
      return of(hostPart(text, 'publicSuffix'));
    case 'pcrexform':
    case 'group': {
      const found = new RegExp(translated(transform.pattern, '', 'groups').source).exec(text)?.[1];
      return found === undefined && transform.kind === 'pcrexform' ? bytes : of(found ?? '');
    }
    case 'from_base64': {
      const decoded = fromBase64(
        bytes.subarray(transform.offset, transform.bytes === 0 ? undefined : transform.offset + transform.bytes),
        transform.mode,
      );
      return decoded.length > 0 ? decoded : bytes;
    }
  }
}

function hostPart(text: string, part: 'domain' | 'publicSuffix'): string {
  const name = text.replace(/\.$/, '');
  const parts = parse(name.toLowerCase(), {
    allowPrivateDomains: true,
    extractHostname: false,
    validateHostname: false,
    detectIp: false,
  });
  const found = (parts.domain === null ? null : parts[part]) ?? '';
  return found === '' ? '' : name.slice(-found.length);
}

function sliceOf(bytes: Uint8Array, { offset, length, clip }: Transform & { readonly kind: 'subslice' }): Uint8Array {
  const places = [...bytes.keys(), bytes.length];
  const clipped = (place: number): number => Math.max(0, Math.min(bytes.length, place));
  const from = offset < 0 ? bytes.length + offset : offset;
  const to = length === undefined ? bytes.length : length < 0 ? bytes.length + length : clipped(from) + length;
  if (!clip && !(places.includes(from) && places.includes(to))) return new Uint8Array(0);
  return bytes.slice(Math.min(clipped(from), clipped(to)), Math.max(clipped(from), clipped(to)));
}

const isZlib = (bytes: Uint8Array): boolean =>
  bytes.length >= 2 &&
  (bytes[0]! & 15) === 8 &&
  bytes[0]! >> 4 < 8 &&
  (bytes[0]! * 256 + bytes[1]!) % 31 === 0 &&
  (bytes[1]! & 32) === 0;

/** Beyond the end where there is no header. */
function gzipHeaderLength(bytes: Uint8Array): number {
  const text = Buffer.from(bytes).toString('latin1');
  const flags = bytes[3] ?? 0;
  if (!text.startsWith('\x1f\x8b\x08') || text.length < 10) return Infinity;
  let rest = text.slice(10);
  if ((flags & 4) !== 0) rest = rest.slice(2 + (rest.charCodeAt(0) | (rest.charCodeAt(1) << 8)));
  for (const bit of [8, 16]) if ((flags & bit) !== 0) rest = /\0([^]*)/.exec(rest)?.[1] ?? '';
  return text.length - (flags & 2 ? rest.slice(2) : rest).length;
}

/** What zlib makes of it; it tells damage from an early end. */
function inflated(bytes: Uint8Array, maximum: number): Uint8Array {
  try {
    return Uint8Array.from(inflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })).subarray(
      0,
      Math.min(maximum, OUTPUT_BYTES),
    );
  } catch {
    return new Uint8Array(0);
  }
}

/** Strings token by token, and no blanks between them. */
function plainJson(text: string): Uint8Array {
  const parts = text.match(/"(?:\\u[^]{0,4}|\\[^u]|[^"\\])*(?:"|\\?$)|[^"]+/g) ?? [];
  return Uint8Array.from(
    Buffer.concat(
      parts.map((part) =>
        part.startsWith('"') ? plainString(part) : Buffer.from(part.replace(/[ \t\n\f\r]/g, ''), 'latin1'),
      ),
    ),
  );
}

function plainString(part: string): Buffer {
  const letters: Readonly<Record<string, string>> = {
    '"': '"',
    '\\': '\\',
    '/': '/',
    b: '\b',
    f: '\f',
    n: '\n',
    r: '\r',
    t: '\t',
  };
  const pieces =
    part.match(/(?:\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[^]{0,4}|\\[^]|[^]/g) ?? [];
  return Buffer.concat(
    pieces.map((piece) => {
      if (/^\\u[0-9a-fA-F]{4}/.test(piece))
        return utf8(
          piece
            .split('\\u')
            .slice(1)
            .map((digits) => parseInt(digits, 16)),
        );
      return Buffer.from(piece.length === 2 ? (letters[piece[1]!] ?? piece) : piece, 'latin1');
    }),
  );
}

/** TextEncoder would replace half of a surrogate pair, which is to be written like a character. */
function utf8([unit = 0, low]: readonly number[]): Buffer {
  if (low !== undefined) return Buffer.from(String.fromCharCode(unit, low), 'utf8');
  return unit >= 0xd800 && unit <= 0xdfff
    ? Buffer.from([0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 63), 0x80 | (unit & 63)])
    : Buffer.from(String.fromCharCode(unit), 'utf8');
}
