/** The headers that every HPACK decoder knows (RFC 7541, appendix A). Stage: app; data only. */

const ENTRIES: readonly (readonly [name: string, value?: string])[] = [
  [':authority'],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  [':status', '200'],
  [':status', '204'],
  [':status', '206'],
  [':status', '304'],
  [':status', '400'],
  [':status', '404'],
  [':status', '500'],
  ['accept-charset'],
  ['accept-encoding', 'gzip, deflate'],
  ['accept-language'],
  ['accept-ranges'],
  ['accept'],
  ['access-control-allow-origin'],
  ['age'],
  ['allow'],
  ['authorization'],
  ['cache-control'],
  ['content-disposition'],
  ['content-encoding'],
  ['content-language'],
  ['content-length'],
  ['content-location'],
  ['content-range'],
  ['content-type'],
  ['cookie'],
  ['date'],
  ['etag'],
  ['expect'],
  ['expires'],
  ['from'],
  ['host'],
  ['if-match'],
  ['if-modified-since'],
  ['if-none-match'],
  ['if-range'],
  ['if-unmodified-since'],
  ['last-modified'],
  ['link'],
  ['location'],
  ['max-forwards'],
  ['proxy-authenticate'],
  ['proxy-authorization'],
  ['range'],
  ['referer'],
  ['refresh'],
  ['retry-after'],
  ['server'],
  ['set-cookie'],
  ['strict-transport-security'],
  ['transfer-encoding'],
  ['user-agent'],
  ['vary'],
  ['via'],
  ['www-authenticate'],
];

export const STATIC_COUNT = ENTRIES.length;
/** Names and values, one after the other; of each entry three words: where it begins, bytes of its name, its value. */
export const STATIC_BYTES: Uint8Array = Buffer.from(
  ENTRIES.map(([name, value = '']) => name + value).join(''),
  'latin1',
);
export const STATIC_WORDS: Int32Array = wordsOf(ENTRIES);

function wordsOf(entries: typeof ENTRIES): Int32Array {
  const words: number[] = [];
  let start = 0;
  for (const [name, value = ''] of entries) {
    words.push(start, name.length, value.length);
    start += name.length + value.length;
  }
  return Int32Array.from(words);
}
