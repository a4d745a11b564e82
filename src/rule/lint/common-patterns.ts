/**
 * Literals so frequent in network traffic that looking for them finds next to every packet. Stage: rule (lint); data only.
 */

const TEXTS: readonly string[] = [
  'GET ', 'GET /', 'POST ', 'POST /', 'HEAD ', 'PUT ', 'HTTP', 'HTTP/', 'HTTP/1.', 'HTTP/1.0', 'HTTP/1.1', ' HTTP/1.', ' HTTP/1.0', ' HTTP/1.1', '200 OK', 'HTTP/1.1 200 OK', 'HTTP/1.0 200 OK',
  'Host:', 'Host: ', 'User-Agent:', 'User-Agent: ', 'User-Agent: Mozilla', 'Mozilla/', 'Mozilla/4.0', 'Mozilla/5.0', 'Accept:', 'Accept: ', 'Accept: */*', 'Accept-Encoding:', 'Accept-Language:', 'Cookie:', 'Cookie: ',
  'Set-Cookie:', 'Server:', 'Server: ', 'Date:', 'Date: ', 'Connection:', 'Connection: ', 'Keep-Alive', 'Content-Type:', 'Content-Type: ', 'Content-Length:', 'Content-Length: ', 'Cache-Control:', 'Referer:', 'text/html',
  'http://', 'https://', 'http', 'www.', '.com', '.php', '.htm', '.html', '.js', '://', '<html', '<html>', '<script', '</script>', '<div', 'gzip',
  '\r\n', '\r\n\r\n', ': ', '\r\n ',
  '\x16\x03\x01', '\x16\x03\x03', '\x17\x03\x03', '\x17\x03\x01', '\x14\x03\x03', '\x00\x01\x00\x01', '\x01\x00\x00\x01', '\xffSMB', '\xfeSMB', 'SSH-2.0', 'SSH-2.0-',
];

const COMMON: ReadonlySet<string> = new Set(TEXTS.map((text) => text.toLowerCase()));

/** Whether a literal is in the list, or one byte over and over. */
export function isCommonPattern(bytes: Uint8Array): boolean {
  if (bytes.every((byte) => byte === bytes[0])) return true;
  return bytes.length <= 32 && COMMON.has(Buffer.from(bytes).toString('latin1').toLowerCase());
}
