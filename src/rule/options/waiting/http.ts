/** Keywords of HTTP, as Suricata and Snort name them. Stage: rule; data only. Reference: Suricata and Snort 3, HTTP. */
import { integer, pattern } from './value-syntax.js';
import type { WaitingProtocol } from './waiting-keyword.js';

/** What Snort 3 says behind its sticky buffers. */
const ARGUMENT =
  '(?:field [\\w-]+|request|with_header|with_body|with_trailer|scheme|host|port|path|query|fragment|nocase)';
const SNORT3 = pattern(
  new RegExp(`^${ARGUMENT}(?:,${ARGUMENT})*$`),
  '<field <name>|request|with_body|with_header|with_trailer|path|query|…>',
  'field host',
  true,
);
const RANGE = integer(0xffff, '>5');
const HEADER_TEST = pattern(
  /^(?:field [\w-]+|check [^,]+|absent|numeric (?:true|false)|request|with_header|with_body|with_trailer)(?:,(?:check [^,]+|absent|numeric (?:true|false)|request|with_header|with_body|with_trailer))*$/,
  'field <name>[,check <range>][,absent][,numeric <true|false>]',
  'field content-length,check >100',
);

export const HTTP: WaitingProtocol = {
  protocol: 'http',
  toServer:
    'http.accept http.accept_enc http.accept_lang http.host http.host.raw http.method http.referer http.request_body http.request_header http.request_line http.uri http.uri.raw http.user_agent ' +
    'http_client_body http_host http_method http_raw_host http_raw_uri http_uri http_user_agent urilen',
  toClient:
    'http.location http.response_body http.response_header http.response_line http.server http.stat_code http.stat_msg ' +
    'http_raw_status http_server_body http_stat_code http_stat_msg',
  lowercase: 'http.host http_host',
  buffers: [
    ['http.accept http_accept', 'the Accept header'],
    ['http.accept_enc http_accept_enc', 'the Accept-Encoding header'],
    ['http.accept_lang http_accept_lang', 'the Accept-Language header'],
    ['http.connection http_connection', 'the Connection header'],
    ['http.content_len http_content_len', 'the Content-Length header as text'],
    ['http.content_type http_content_type', 'the Content-Type header'],
    ['http.cookie', 'the Cookie or Set-Cookie header'],
    ['http.header', 'the headers, normalised'],
    ['http.header.raw', 'the headers as they came'],
    ['http.header_names http_header_names', 'the names of the headers in their order'],
    ['http.host', 'the host name, in lower case and without its port'],
    ['http.host.raw', 'the host as it came'],
    ['http.location', 'the Location header'],
    ['http.method', 'the method of the request'],
    ['http.protocol http_protocol', 'the version, as in HTTP/1.1'],
    ['http.referer http_referer', 'the Referer header'],
    ['http.request_body', 'the body of the request'],
    ['http.request_header', 'each header of the request by itself'],
    ['http.request_line http_request_line', 'the first line of the request'],
    ['http.response_body', 'the body of the response'],
    ['http.response_header', 'each header of the response by itself'],
    ['http.response_line http_response_line', 'the first line of the response'],
    ['http.server', 'the Server header'],
    ['http.start http_start', 'the first line and the headers'],
    ['http.stat_code', 'the status code of the response'],
    ['http.stat_msg', 'the reason behind the status code'],
    ['http.uri', 'the address that is asked for, normalised'],
    ['http.uri.raw', 'the address that is asked for, as it came'],
    ['http.user_agent', 'the User-Agent header'],
  ],
  modifiers: [
    ['http_client_body', 'the body of the request', SNORT3],
    ['http_cookie', 'the Cookie or Set-Cookie header', SNORT3],
    [
      'http_encode',
      'encodings in the request (Snort 2)',
      pattern(/^(?:uri|header|cookie),\s*!?[\w|]+$/, '<uri|header|cookie>,[!]<encoding>', 'uri,utf8'),
    ],
    ['http_header', 'the headers, normalised', SNORT3],
    ['http_host', 'the host name'],
    ['http_method', 'the method of the request', SNORT3],
    ['http_raw_body', 'the body as it came', SNORT3],
    ['http_raw_cookie', 'the cookie as it came', SNORT3],
    ['http_raw_header', 'the headers as they came', SNORT3],
    ['http_raw_header_complete', 'the headers as they came, once they are complete', SNORT3],
    ['http_raw_host', 'the host as it came'],
    ['http_raw_request', 'the first line of the request as it came', SNORT3],
    ['http_raw_status', 'the first line of the response as it came', SNORT3],
    ['http_raw_trailer', 'the trailers as they came', SNORT3],
    ['http_raw_uri', 'the address that is asked for, as it came', SNORT3],
    ['http_server_body', 'the body of the response'],
    ['http_stat_code', 'the status code of the response', SNORT3],
    ['http_stat_msg', 'the reason behind the status code', SNORT3],
    ['http_trailer', 'the trailers, normalised', SNORT3],
    ['http_true_ip', 'the client that a proxy names', SNORT3],
    ['http_uri', 'the address that is asked for, normalised', SNORT3],
    ['http_user_agent', 'the User-Agent header'],
    ['http_version', 'the version, as in HTTP/1.1', SNORT3],
    [
      'http_param',
      'the value of a parameter (Snort 3)',
      pattern(/^"?[^",]+"?(?:,nocase)?$/, '"<name>"[,nocase]', '"user",nocase'),
    ],
  ],
  conditions: [
    [
      'urilen',
      'compares the length of the address',
      pattern(
        /^(?:[!<>]=?\s*)?\d+(?:\s*(?:<>|<=>|-)\s*\d+)?(?:,(?:norm|raw))?$/,
        '[<|>|!]<number>[<><number>][,<norm|raw>]',
        '>100,raw',
      ),
    ],
    ['http_header_test', 'tests a header (Snort 3)', HEADER_TEST],
    ['http_trailer_test', 'tests a trailer (Snort 3)', HEADER_TEST],
    ['http_max_header_line', 'compares the longest header (Snort 3)', RANGE],
    ['http_max_trailer_line', 'compares the longest trailer (Snort 3)', RANGE],
    ['http_num_cookies', 'compares the number of cookies (Snort 3)', RANGE],
    ['http_num_headers', 'compares the number of headers (Snort 3)', RANGE],
    ['http_num_trailers', 'compares the number of trailers (Snort 3)', RANGE],
    [
      'http_version_match',
      'names versions (Snort 3)',
      pattern(
        /^"?(?:malformed|other|[0-9]\.[0-9])(?:[ ,](?:malformed|other|[0-9]\.[0-9]))*"?$/,
        '"<version>…"',
        '"1.0 2.0"',
      ),
    ],
  ],
};
