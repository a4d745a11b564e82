/**
 * What rules look at in HTTP/1.x messages. Stage: app; names and shapes alone. Reference: Suricata's documentation of
 * its HTTP keywords; older names, modifiers and letters as there.
 */
import type { BufferSpec } from '../buffer-spec.js';
import { FILE_PROGRESS } from '../file/buffers.js';

/** How far a side is. Each is reached when that part is complete; a body is there from its first byte on. */
export const HTTP1_STATE = { started: 1, line: 2, headers: 3, body: FILE_PROGRESS, trailer: 5, complete: 6 } as const;

type More = Partial<BufferSpec>;
const { line, headers, body } = HTTP1_STATE;

const http = (name: string, what: string, more: More): BufferSpec => ({
  name,
  what,
  applications: ['http', 'http2'],
  scope: 'tx',
  kind: 'single',
  ...more,
});
/** What a request has, a response has, both have. */
const asked = (name: string, what: string, from: number, more: More = {}) =>
  http(name, what, { toServer: from, ...more });
const answered = (name: string, what: string, from: number, more: More = {}) =>
  http(name, what, { toClient: from, ...more });
const both = (name: string, what: string, from: number, more: More = {}) =>
  http(name, what, { toServer: from, toClient: from, ...more });
/** A header of its own keyword, whose older name has underscores. */
const header = (make: typeof both, name: string, header: string, more: More = {}) =>
  make(`http.${name}`, `the value of ${header}`, headers, { aliases: [`http_${name}`], ...more });

export const HTTP1_BUFFERS: readonly BufferSpec[] = [
  asked('http.method', 'the method', line, { modifiers: ['http_method'], letter: 'M', common: true }),
  asked('http.uri', 'the path and the query, normalised', line, { modifiers: ['http_uri', 'uricontent'], letter: 'U' }),
  asked('http.uri.raw', 'the URI as it was sent', line, { modifiers: ['http_raw_uri'], letter: 'I' }),
  asked('urilen', 'bytes of the normalised URI', line, {
    kind: 'number',
    values: { maximum: 65_535, variants: { norm: 'urilen', raw: 'urilen.raw' } },
  }),
  asked('urilen.raw', 'bytes of the URI as it was sent', line, {
    kind: 'number',
    keyword: '',
    values: { maximum: 65_535 },
  }),
  asked('http.request_line', 'the request line', line, { aliases: ['http_request_line'] }),
  answered('http.response_line', 'the status line with its end', line, { aliases: ['http_response_line'] }),
  answered('http.stat_code', 'the status', line, { modifiers: ['http_stat_code'], letter: 'S', common: true }),
  answered('http.stat_msg', 'what follows the status', line, {
    modifiers: ['http_stat_msg'],
    letter: 'Y',
    common: true,
  }),
  both('http.protocol', 'the protocol and its version', line, { aliases: ['http_protocol'], common: true }),
  both('http.start', 'the first line and the headers, one by one', headers, { aliases: ['http_start'] }),
  both('http.header', 'the headers but cookies, one by one, values of one name joined', headers, {
    modifiers: ['http_header'],
    letter: 'H',
  }),
  both('http.header.raw', 'the headers as they were sent', headers, { modifiers: ['http_raw_header'], letter: 'D' }),
  both('http_num_headers', 'the number of headers (Snort 3)', headers, { kind: 'number', values: { maximum: 65_535 } }),
  both('http_num_cookies', 'the number of cookies (Snort 3)', headers, { kind: 'number', values: { maximum: 65_535 } }),
  both('http_max_header_line', 'bytes of the longest header (Snort 3)', headers, {
    kind: 'number',
    values: { maximum: 65_535 },
  }),
  both('http.header_names', 'the names of the headers', headers, { aliases: ['http_header_names'] }),
  asked('http.request_header', 'each header, as name, colon, blank, value', headers, { kind: 'multi' }),
  answered('http.response_header', 'each header, as name, colon, blank, value', headers, { kind: 'multi' }),
  both('http.cookie', 'the value of Cookie, or of Set-Cookie', headers, { modifiers: ['http_cookie'], letter: 'C' }),
  asked('http.host', 'the host of the URI or of Host, in small letters', headers, {
    modifiers: ['http_host'],
    letter: 'W',
    lowercase: true,
  }),
  asked('http.host.raw', 'the host as it was sent', headers, { modifiers: ['http_raw_host'], letter: 'Z' }),
  asked('http.user_agent', 'the value of User-Agent', headers, { modifiers: ['http_user_agent'], letter: 'V' }),
  header(asked, 'accept', 'Accept'),
  header(asked, 'accept_enc', 'Accept-Encoding'),
  header(asked, 'accept_lang', 'Accept-Language'),
  header(asked, 'referer', 'Referer'),
  header(both, 'connection', 'Connection'),
  header(both, 'content_len', 'Content-Length'),
  header(both, 'content_type', 'Content-Type'),
  header(answered, 'server', 'Server'),
  header(answered, 'location', 'Location'),
  asked('http.request_body', 'the body of a request, decompressed', body, {
    kind: 'growing',
    modifiers: ['http_client_body'],
    letter: 'P',
  }),
  answered('http.response_body', 'the body of a response, decompressed', body, {
    kind: 'growing',
    modifiers: ['http_server_body'],
    letter: 'Q',
  }),
];
