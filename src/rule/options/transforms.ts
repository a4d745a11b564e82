/**
 * Transforms: what is done to the sticky buffer before them, for what follows. They apply in the order written, and stand
 * between the buffer and the first step over it. Stage: rule. Reference: Suricata, transformations.
 */
import { translatePcre } from '../../match/pcre.js';
import type { Base64Mode, Transform } from '../program.js';
import { readNamedArguments } from './named-arguments.js';
import { defineOption, type OptionDoc, type RuleOption } from './option.js';
import { partSpan, requireValue } from './value.js';

const BUFFER: Pick<OptionDoc, 'appliesTo'> = { appliesTo: 'buffer' };
const UINT16 = { minimum: 0, maximum: 0xffff };
const MAXIMUM_KEY_BYTES = 256;

type PlainKind = Exclude<Transform['kind'], 'xor' | 'pcrexform' | 'from_base64'>;

function plain(kind: PlainKind, summary: string, example: string, differences?: string): RuleOption {
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

const xor = defineOption<string>({
  name: 'xor',
  value: 'required',
  repeatable: true,
  parse(node, diagnostics) {
    const word = requireValue(node, diagnostics);
    if (word === undefined) return undefined;
    const key = word.text.replace(/^"(.*)"$/, '$1');
    if (/^(?:[0-9a-f]{2})+$/i.test(key) && key.length <= 2 * MAXIMUM_KEY_BYTES) return key.toLowerCase();
    diagnostics.error('bad-hex', `'${word.text}' is no key of 1 to ${MAXIMUM_KEY_BYTES} bytes`, word.span, 'write two hexadecimal digits for each byte, as in xor:"0d0ac8ff";');
    return undefined;
  },
  compile: (key, builder, node) => builder.addTransform({ kind: 'xor', key: Uint8Array.from(Buffer.from(key, 'hex')) }, node),
  print: (key) => `"${key}"`,
  doc: { ...BUFFER, summary: 'Combines each byte with the key, over and over, by exclusive or.', syntax: 'xor:"<hexadecimal key>";', example: 'pkt_data; xor:"0d0ac8ff"; content:"password=";' },
});

interface Pcrexform {
  readonly pattern: string;
  readonly javascript: { readonly source: string; readonly flags: string };
}

const pcrexform = defineOption<Pcrexform>({
  name: 'pcrexform',
  value: 'required',
  repeatable: true,
  parse(node, diagnostics) {
    const word = requireValue(node, diagnostics);
    const quoted = word && /^"([^]+)"$/.exec(word.text);
    if (word === undefined) return undefined;
    if (quoted === null || quoted === undefined) {
      diagnostics.error('bad-pcre-frame', 'the pattern stands in double quotes, without slashes', word.span, 'write pcrexform:"[a-z]+: (.*)";');
      return undefined;
    }
    const pattern = quoted[1]!;
    const translated = translatePcre(pattern, '');
    if (!translated.ok) {
      const at = Math.min(1 + translated.offset, word.text.length - 1);
      diagnostics.error('bad-pcre', translated.message, partSpan(word, at, at + 1), 'patterns are those of PCRE, see pcresyntax(3)');
      return undefined;
    }
    if (!hasGroup(translated.source)) {
      diagnostics.error('missing-group', 'the pattern has no group to take', word.span, 'put what the buffer is to become between ( and )');
      return undefined;
    }
    return { pattern, javascript: { source: translated.source, flags: translated.flags } };
  },
  compile: ({ javascript }, builder, node) => builder.addTransform({ kind: 'pcrexform', javascript }, node),
  print: ({ pattern }) => `"${pattern}"`,
  doc: {
    ...BUFFER, summary: 'Leaves of the buffer what the first group of a regular expression holds, or nothing where it does not match.',
    syntax: 'pcrexform:"<pattern>";', example: 'pkt_data; pcrexform:"^GET ([^ ]+)"; content:"/index.html"; endswith;',
  },
});

/** Whether a JavaScript pattern captures something. */
function hasGroup(source: string): boolean {
  return new RegExp(`${source}|`).exec('')!.length > 1;
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
    const read = readNamedArguments(node.value, { bytes: UINT16, offset: UINT16, mode: MODES }, node, `write ${FROM_BASE64}`, diagnostics);
    return read && { bytes: Number(read.get('bytes') ?? 0), offset: Number(read.get('offset') ?? 0), mode: (read.get('mode') ?? 'rfc4648') as Base64Mode };
  },
  compile: (value, builder, node) => builder.addTransform({ kind: 'from_base64', ...value }, node),
  print({ bytes, offset, mode }) {
    const parts = [...(bytes === 0 ? [] : [`bytes ${bytes}`]), ...(offset === 0 ? [] : [`offset ${offset}`]), ...(mode === 'rfc4648' ? [] : [`mode ${mode}`])];
    return parts.length === 0 ? undefined : parts.join(',');
  },
  doc: {
    ...BUFFER, summary: 'Decodes the buffer, or part of it, as base64; a buffer of which nothing can be decoded stays as it is.',
    syntax: FROM_BASE64, example: 'pkt_data; from_base64:offset 5; content:"root";',
    differences: 'rfc4648 ends at the first character that is not of base64, rfc2045 passes over it, strict refuses the whole.',
  },
});

export const transformOptions: readonly RuleOption[] = [
  plain('dotprefix', 'Puts a dot before the buffer, so that a domain and what is below it match alike.', 'pkt_data; dotprefix; content:".example.com"; endswith;'),
  plain('to_lowercase', 'Turns letters into lower case.', 'pkt_data; to_lowercase; content:"select"; startswith;'),
  plain('to_uppercase', 'Turns letters into upper case.', 'pkt_data; to_uppercase; content:"SELECT"; startswith;'),
  plain('strip_whitespace', 'Takes out all white space.', 'pkt_data; strip_whitespace; content:"window.open(";'),
  plain('compress_whitespace', 'Leaves one character of each run of white space.', 'pkt_data; compress_whitespace; content:"union select";', 'The first character of a run stays, be it a blank or another one.'),
  plain('url_decode', 'Turns %41 into the byte and + into a blank.', 'pkt_data; url_decode; content:"../";', 'A percent sign without two hexadecimal digits stays as it is.'),
  plain('to_md5', 'Replaces the buffer by its MD5 digest, 16 bytes.', 'pkt_data; to_md5; content:"|01 23|"; startswith;'),
  plain('to_sha1', 'Replaces the buffer by its SHA-1 digest, 20 bytes.', 'pkt_data; to_sha1; content:"|01 23|"; startswith;'),
  plain('to_sha256', 'Replaces the buffer by its SHA-256 digest, 32 bytes.', 'pkt_data; to_sha256; content:"|01 23|"; startswith;'),
  plain('header_lowercase', 'Turns the names of headers into lower case: each line up to its first colon.', 'pkt_data; header_lowercase; content:"user-agent|3a 20|Wget";'),
  plain('strip_pseudo_headers', 'Takes out lines that start with a colon (pseudo headers of HTTP/2).', 'pkt_data; strip_pseudo_headers; content:"host|3a|";'),
  xor,
  pcrexform,
  fromBase64,
];
