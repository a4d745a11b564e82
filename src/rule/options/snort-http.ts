/**
 * What Snort 3 says of HTTP beyond Suricata's buffers: arguments of buffers (`http_header:field host`), and keywords of
 * its own. Stage: rule. Reference: Snort 3, HTTP rule options.
 *
 * A part of a buffer is what a regular expression takes out of it, and it must not be empty: a header that is not there
 * holds nothing, not even what is negated. `with_header` and the like say when Snort looks; buffers are looked at as
 * soon as they are there.
 */
import type { BufferName } from '../../app/buffers.js';
import type { OptionNode } from '../ast.js';
import type { RuleBuilder } from '../compile/rule-builder.js';

type Compile = (value: string, builder: RuleBuilder, node: OptionNode) => boolean;

const SOME: readonly [number, number][] = [[1, 0xffff_ffff]];
const NONE: readonly [number, number][] = [[0, 0]];
/** Each is looked at in any case. */
const WHEN = /^(?:with_header|with_body|with_trailer|nocase)$/;

/** By what stands behind `http_uri:`; the path is there in any case. */
const URI_PARTS: Readonly<Record<string, string>> = {
  path: '^([^?#]+)',
  query: '^[^?#]*\\?([^#]*)',
  fragment: '#([^\\r\\n]*)',
};

/** Keywords that take what is looked at, with their buffers, in requests alone where only they have it. */
const BUFFERS: Readonly<Record<string, BufferName>> = {
  http_header: 'http.header',
  http_raw_header: 'http.header.raw',
  http_cookie: 'http.cookie',
  http_uri: 'http.uri',
  http_raw_uri: 'http.uri.raw',
  http_client_body: 'http.request_body',
  http_method: 'http.method',
  http_stat_code: 'http.stat_code',
  http_stat_msg: 'http.stat_msg',
  http_raw_request: 'http.request_line',
  http_raw_status: 'http.response_line',
  http_raw_cookie: 'http.cookie',
  http_raw_header_complete: 'http.header.raw',
  http_version: 'http.protocol',
};
const OF_HEADERS = ['http_header', 'http_raw_header', 'http_raw_header_complete'];
const OF_URI = ['http_uri', 'http_raw_uri'];

/** What a keyword of Snort 3 is compiled to; without an entry it waits. False where an argument is not known here. */
export function compileSnortHttp(name: string, value: string, builder: RuleBuilder, node: OptionNode): boolean {
  const own = KEYWORDS[name];
  if (own !== undefined) return own(value, builder, node);
  const buffer = BUFFERS[name];
  if (buffer === undefined) return false;
  if (value !== '') return selectPart(name, buffer, value.split(','), builder, node);
  if (builder.hasContent) builder.moveContent(buffer, node);
  else builder.selectBuffer(buffer, node);
  return true;
}

function selectPart(
  name: string,
  buffer: BufferName,
  words: readonly string[],
  builder: RuleBuilder,
  node: OptionNode,
): boolean {
  const asked = words.map((word) => word.trim()).filter((word) => !WHEN.test(word));
  const isOfRequest = asked.includes('request');
  const [part, more] = asked.filter((word) => word !== 'request');
  if (more !== undefined || (isOfRequest && buffer === 'http.cookie')) return false;
  const looked = isOfRequest && OF_HEADERS.includes(name) ? 'http.request_header' : buffer;
  if (part === undefined) {
    builder.selectBuffer(looked, node);
    return true;
  }
  const [, field] = /^field ([\w-]+)$/.exec(part) ?? [];
  if (field !== undefined && OF_HEADERS.includes(name)) return selectField(looked, field, builder, node);
  if (part === 'host' && OF_URI.includes(name)) {
    builder.selectBuffer(name === 'http_uri' ? 'http.host' : 'http.host.raw', node);
    return true;
  }
  const pattern = OF_URI.includes(name) ? URI_PARTS[part] : undefined;
  return pattern !== undefined && select(buffer, pattern, builder, node);
}

/** A header, by its name in any case; cookies have a buffer of their own. */
function selectField(buffer: BufferName, field: string, builder: RuleBuilder, node: OptionNode): boolean {
  if (/^(?:set-)?cookie$/i.test(field)) {
    builder.selectBuffer('http.cookie', node);
    return true;
  }
  return select(buffer, `${lineOf(field)}([^\\r\\n]*)`, builder, node);
}

/** Selects what the pattern's group takes out of the buffer, which must not be empty. */
function select(buffer: BufferName, pattern: string, builder: RuleBuilder, node: OptionNode): boolean {
  builder.selectBuffer(buffer, node);
  builder.addTransform({ kind: 'group', pattern }, node);
  builder.addMatch({ kind: 'bsize', ranges: SOME }, node);
  return true;
}

const lineOf = (field: string): string => `(?:^|\\n)${anyCase(field)}:[ \\t]*`;

const anyCase = (text: string): string =>
  text.replace(/[^]/g, (each) =>
    /[a-z]/i.test(each) ? `[${each.toUpperCase()}${each.toLowerCase()}]` : escaped(each),
  );
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** The value of a parameter in the query, as it stands there. */
const selectParameter: Compile = (value, builder, node) => {
  const [, quoted, bare, nocase] = /^(?:"([^"]+)"|([^",]+))(,nocase)?$/.exec(value) ?? [];
  const name = quoted ?? bare ?? '';
  return select('http.uri', `[?&]${nocase === undefined ? escaped(name) : anyCase(name)}=([^&#]*)`, builder, node);
};

/** A header that is there, or is not, or holds a number, or holds none. */
const testHeader: Compile = (value, builder, node) => {
  const [first = '', ...rest] = value.split(',').map((word) => word.trim());
  const [, field] = /^field ([\w-]+)$/.exec(first) ?? [];
  const [test, more] = rest.filter((word) => !WHEN.test(word));
  if (field === undefined || more !== undefined) return false;
  const line = lineOf(field);
  if (test === 'numeric true') return select('http.header', `${line}(\\d+)[ \\t]*\\r?\\n`, builder, node);
  if (test === 'numeric false')
    return select('http.header', `${line}(?![ \\t]|\\d+[ \\t]*\\r?\\n)([^\\r\\n]+)`, builder, node);
  if (test === undefined) return select('http.header', `${line}([^\\r\\n]*)`, builder, node);
  if (test !== 'absent') return false;
  builder.selectBuffer('http.header', node);
  builder.addTransform({ kind: 'group', pattern: `(${lineOf(field)})` }, node);
  builder.addMatch({ kind: 'bsize', ranges: NONE }, node);
  return true;
};

/** One of several versions. */
const matchVersion: Compile = (value, builder, node) => {
  const words = value.replace(/^"|"$/g, '').split(/[ ,]+/);
  const versions = words.filter((word) => /^\d/.test(word)).map((word) => escaped(word));
  const isOther = versions.length < words.length;
  const known = `HTTP\\/(?:${versions.join('|')})$`;
  const unknown = '(?!HTTP\\/(?:0\\.9|1\\.[01]|2\\.0)$).+';
  const wanted = [...(versions.length > 0 ? [known] : []), ...(isOther ? [unknown] : [])];
  return select('http.protocol', `^(${wanted.join('|')})`, builder, node);
};

const KEYWORDS: Readonly<Record<string, Compile>> = {
  http_param: selectParameter,
  http_header_test: testHeader,
  http_version_match: matchVersion,
};
/** Those that are compiled here, with and without arguments. */
export const SNORT_HTTP: ReadonlySet<string> = new Set([...Object.keys(BUFFERS), ...Object.keys(KEYWORDS)]);
