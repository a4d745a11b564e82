/**
 * Transforms: what is done to the sticky buffer before them, for what follows. They apply in the order written, and
 * stand between the buffer and the first step over it. Stage: rule. Reference: Suricata, transformations.
 */
import type { Base64Mode, PlainTransform } from '../buffer-match.js';
import { parseIntegerTest } from './integer-test.js';
import { readNamedArguments } from './named-arguments.js';
import { defineOption, type OptionDoc, type RuleOption } from './option.js';
import { pcrexformOptions } from './pcrexform.js';
import { readNumber, requireValue, slice, splitArguments } from './value.js';

const BUFFER: Pick<OptionDoc, 'appliesTo'> = { appliesTo: 'buffer' };
const UINT16 = { minimum: 0, maximum: 0xffff };
const MAXIMUM_KEY_BYTES = 256;

function plain(kind: PlainTransform, summary: string, example: string, differences?: string): RuleOption {
  return defineOption<true>({
    name: kind,
    value: 'none',
    repeatable: true,
    parse: () => true,
    compile: (_value, builder, node) => builder.addTransform({ kind }, node),
    print: () => undefined,
    doc: { ...BUFFER, summary, syntax: `${kind};`, example, differences },
  });
}

interface Xor {
  /** Hexadecimal digits in lower case, or where in the buffer the key lies. */
  readonly key: string | { readonly bytes: number; readonly offset: number };
  readonly offset: number;
}

const XOR = 'xor:[offset <number>,]<"<hexadecimal key>"|extract <bytes> <offset>>;';

const xor = defineOption<Xor>({
  name: 'xor',
  value: 'required',
  repeatable: true,
  parse(node, diagnostics) {
    const word = requireValue(node, diagnostics);
    if (word === undefined) return undefined;
    const [, offsetText = '0', written] = /^(?:offset\s+(\d{1,5})\s*,\s*)?([^]*)$/.exec(word.text)!;
    const offset = Number(offsetText);
    const [, bytes, at] = /^(?:extract|var)\s+(\d{1,3})\s+(\d{1,5})$/.exec(written!) ?? [];
    if (bytes !== undefined && Number(bytes) > 0 && Number(bytes) < MAXIMUM_KEY_BYTES && Number(at) <= UINT16.maximum)
      return { key: { bytes: Number(bytes), offset: Number(at) }, offset };
    const key = written!.replace(/^"(.*)"$/, '$1');
    if (/^(?:[0-9a-f]{2})+$/i.test(key) && key.length <= 2 * MAXIMUM_KEY_BYTES)
      return { key: key.toLowerCase(), offset };
    diagnostics.error(
      'bad-hex',
      `'${written}' is no key of 1 to ${MAXIMUM_KEY_BYTES} bytes`,
      word.span,
      `write two hexadecimal digits for each byte, as in xor:"0d0ac8ff"; the whole form is ${XOR}`,
    );
    return undefined;
  },
  compile: ({ key, offset }, builder, node) =>
    builder.addTransform(
      { kind: 'xor', key: typeof key === 'string' ? Uint8Array.from(Buffer.from(key, 'hex')) : key, offset },
      node,
    ),
  print: ({ key, offset }) =>
    `${offset === 0 ? '' : `offset ${offset},`}${typeof key === 'string' ? `"${key}"` : `extract ${key.bytes} ${key.offset}`}`,
  doc: {
    ...BUFFER,
    summary:
      'Combines each byte, from an offset on, with the key, over and over, by exclusive or. With extract (or var) the key is bytes of the buffer itself.',
    syntax: XOR,
    example: 'pkt_data; xor:"0d0ac8ff"; content:"password=";',
    differences: 'A buffer that does not reach to the offset or the key stays as it is.',
  },
});

interface Subslice {
  readonly offset: number;
  readonly length: number | undefined;
  readonly clip: boolean;
}

const SUBSLICE = 'subslice:<offset>[,<length>][,truncate];';
const ANYWHERE = { minimum: -0xffff, maximum: 0xffff };

const subslice = defineOption<Subslice>({
  name: 'subslice',
  value: 'required',
  repeatable: true,
  parse(node, diagnostics) {
    const word = requireValue(node, diagnostics);
    if (word === undefined) return undefined;
    const parts = splitArguments(word);
    const clip = parts.length > 1 && parts.at(-1)!.text.toLowerCase() === 'truncate';
    const [first, second, surplus] = clip ? parts.slice(0, -1) : parts;
    if (surplus !== undefined) {
      diagnostics.error(
        'unknown-argument',
        `subslice does not know '${surplus.text}'`,
        surplus.span,
        `write ${SUBSLICE}`,
      );
      return undefined;
    }
    const offset = readNumber(first!, 'the offset', ANYWHERE, diagnostics);
    const length = second && readNumber(second, 'the length', ANYWHERE, diagnostics);
    if (offset === undefined || (second !== undefined && length === undefined)) return undefined;
    if (length !== 0) return { offset, length, clip };
    diagnostics.error(
      'number-out-of-range',
      'a length of 0 leaves nothing',
      second!.span,
      'leave it out to take all up to the end',
    );
    return undefined;
  },
  compile: (value, builder, node) => builder.addTransform({ kind: 'subslice', ...value }, node),
  print: ({ offset, length, clip }) =>
    [offset, ...(length === undefined ? [] : [length]), ...(clip ? ['truncate'] : [])].join(','),
  doc: {
    ...BUFFER,
    summary:
      'Leaves of the buffer the bytes from the offset on. A negative offset counts from the end, a negative length says how many bytes before the end it stops.',
    syntax: SUBSLICE,
    example: 'pkt_data; subslice:-4; content:"|0d 0a 0d 0a|";',
    differences: 'Nothing is left where the buffer does not hold all of it; with truncate, what it holds of it.',
  },
});

/** Suricata's, where a rule does not say how much is to be unpacked. */
const DEFAULT_UNPACKED = 1024;
const MAXIMUM_UNPACKED = 16_777_216;

function unpacking(kind: 'gunzip' | 'zlib_deflate', format: string): RuleOption {
  const syntax = `${kind}[:max-size <bytes>];`;
  return defineOption<number>({
    name: kind,
    value: 'optional',
    repeatable: true,
    parse(node, diagnostics) {
      if (node.value === undefined || node.value.text === '') return DEFAULT_UNPACKED;
      const form = /^max-size(?:\s*=\s*|\s+)/.exec(node.value.text);
      if (form === null) {
        diagnostics.error(
          'unknown-argument',
          `${kind} does not take '${node.value.text}'`,
          node.value.span,
          `write ${syntax}`,
        );
        return undefined;
      }
      const test = parseIntegerTest(
        slice(node.value, form[0].length, node.value.text.length),
        'max-size',
        MAXIMUM_UNPACKED,
        diagnostics,
      );
      if (test === undefined || (test.operator === '=' && test.value > 0)) return test?.value;
      diagnostics.error('bad-number', 'max-size is a number of bytes, at least 1', node.value.span, `write ${syntax}`);
      return undefined;
    },
    compile: (maximum, builder, node) => builder.addTransform({ kind, maximum }, node),
    print: (maximum) => (maximum === DEFAULT_UNPACKED ? undefined : `max-size ${maximum}`),
    doc: {
      ...BUFFER,
      summary: `Unpacks the buffer, ${format}, up to max-size bytes (${DEFAULT_UNPACKED} unless said otherwise). Of a damaged one, or one that is no such data, nothing is left.`,
      syntax,
      example: `pkt_data; ${kind}:max-size 4096; content:"powershell";`,
      differences:
        'Data that ends too early yields what came before. At most 65600 bytes are unpacked, and checksums are not verified.',
    },
  });
}

interface FromBase64 {
  readonly bytes: number;
  readonly offset: number;
  readonly mode: Base64Mode;
}

const MODES = ['rfc4648', 'rfc2045', 'strict'] as const;
const FROM_BASE64 = 'from_base64[:[bytes <number>][,offset <number>][,mode <rfc4648|rfc2045|strict>]];';

const fromBase64 = defineOption<FromBase64>({
  name: 'from_base64',
  value: 'optional',
  repeatable: true,
  parse(node, diagnostics) {
    const read = readNamedArguments(
      node.value,
      { bytes: UINT16, offset: UINT16, mode: MODES },
      node,
      `write ${FROM_BASE64}`,
      diagnostics,
    );
    return (
      read && {
        bytes: Number(read.get('bytes') ?? 0),
        offset: Number(read.get('offset') ?? 0),
        mode: (read.get('mode') ?? 'rfc4648') as Base64Mode,
      }
    );
  },
  compile: (value, builder, node) => builder.addTransform({ kind: 'from_base64', ...value }, node),
  print({ bytes, offset, mode }) {
    const parts = [
      ...(bytes === 0 ? [] : [`bytes ${bytes}`]),
      ...(offset === 0 ? [] : [`offset ${offset}`]),
      ...(mode === 'rfc4648' ? [] : [`mode ${mode}`]),
    ];
    return parts.length === 0 ? undefined : parts.join(',');
  },
  doc: {
    ...BUFFER,
    summary: 'Decodes the buffer, or part of it, as base64; a buffer of which nothing can be decoded stays as it is.',
    syntax: FROM_BASE64,
    example: 'pkt_data; from_base64:offset 5; content:"root";',
    differences:
      'rfc4648 ends at the first character that is not of base64, rfc2045 passes over it, strict refuses the whole, as it ' +
      'does where = is missing at the end. A last group that is not whole gives what it holds; Suricata refuses the text ' +
      'for a single character behind it, leaves such a group out in rfc2045, and decodes nothing where bytes are not ' +
      'fewer than there are.',
  },
});

export const transformOptions: readonly RuleOption[] = [
  plain(
    'dotprefix',
    'Puts a dot before the buffer, so that a domain and what is below it match alike.',
    'pkt_data; dotprefix; content:".example.com"; endswith;',
  ),
  plain('to_lowercase', 'Turns letters into lower case.', 'pkt_data; to_lowercase; content:"select"; startswith;'),
  plain('to_uppercase', 'Turns letters into upper case.', 'pkt_data; to_uppercase; content:"SELECT"; startswith;'),
  plain('strip_whitespace', 'Takes out all white space.', 'pkt_data; strip_whitespace; content:"window.open(";'),
  plain(
    'compress_whitespace',
    'Leaves one character of each run of white space.',
    'pkt_data; compress_whitespace; content:"union select";',
    'The first character of a run stays, be it a blank or another one.',
  ),
  plain(
    'url_decode',
    'Turns %41 into the byte and + into a blank.',
    'pkt_data; url_decode; content:"../";',
    'A percent sign without two hexadecimal digits stays as it is.',
  ),
  plain(
    'to_md5',
    'Replaces the buffer by its MD5 digest, 16 bytes.',
    'pkt_data; to_md5; content:"|01 23|"; startswith;',
  ),
  plain(
    'to_sha1',
    'Replaces the buffer by its SHA-1 digest, 20 bytes.',
    'pkt_data; to_sha1; content:"|01 23|"; startswith;',
  ),
  plain(
    'to_sha256',
    'Replaces the buffer by its SHA-256 digest, 32 bytes.',
    'pkt_data; to_sha256; content:"|01 23|"; startswith;',
  ),
  plain(
    'header_lowercase',
    'Turns the names of headers into lower case: each line up to its first colon.',
    'pkt_data; header_lowercase; content:"user-agent|3a 20|Wget";',
  ),
  plain(
    'strip_pseudo_headers',
    'Takes out lines that start with a colon (pseudo headers of HTTP/2).',
    'pkt_data; strip_pseudo_headers; content:"host|3a|";',
  ),
  plain(
    'json_decode',
    'Takes blanks out between the parts of JSON, and decodes the escapes in its strings.',
    'pkt_data; json_decode; content:"|22|cmd|22 3a 22|whoami|22|";',
  ),
  xor,
  subslice,
  unpacking('gunzip', 'a gzip file'),
  unpacking('zlib_deflate', 'deflated data with the header of zlib'),
  plain(
    'domain',
    'Leaves of a host name the registered domain: the public suffix and one label before it; nothing where it has none.',
    'dns.query; domain; content:"example.co.uk";',
    'The list of public suffixes is the one that this version came with, with private suffixes (github.io).',
  ),
  plain(
    'tld',
    'Leaves of a host name the public suffix of its registered domain; nothing where it has none.',
    'dns.query; tld; content:"co.uk";',
    'As for domain.',
  ),
  ...pcrexformOptions,
  fromBase64,
];
