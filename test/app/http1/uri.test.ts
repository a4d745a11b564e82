/** What a server sees of a URI, against a twin that goes by the book: part by part, on strings of bytes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HTTP1_DEFAULTS, type UriSettings } from '../../../src/app/http1/settings.js';
import { asks, read } from './reading.js';

const uriOf = (uri: string, settings: Partial<UriSettings> = {}): string | undefined =>
  read([asks(`GET ${uri} HTTP/1.1\r\nHost: h\r\n\r\n`)], {
    settings: { ...HTTP1_DEFAULTS, uri: { ...HTTP1_DEFAULTS.uri, ...settings } },
  })[0]!.buffers['http.uri'];

/** Decodes escapes of both kinds. */
const decode = (text: string): string =>
  text.replace(/%u([0-9a-f]{4})|%([0-9a-f]{2})/gi, (_, wide: string | undefined, narrow: string | undefined) =>
    wide === undefined ? String.fromCharCode(parseInt(narrow!, 16)) : alike(parseInt(wide, 16)),
  );

const alike = (character: number): string => {
  if (character < 0x100) return String.fromCharCode(character);
  if (character === 0x2215 || character === 0x2044) return '/';
  if (character === 0x2216 || character === 0x29f5) return '\\';
  if (character >= 0xd800 && character < 0xe000) return '?';
  const plain = String.fromCodePoint(character).normalize('NFKD').codePointAt(0)!;
  return plain < 0x100 ? String.fromCharCode(plain) : '?';
};

/** Characters of UTF-8, each as the byte that it looks like; what is none is `?`. */
function transcode(text: string): string {
  const valid = /[\xc0-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf7][\x80-\xbf]{3}/;
  const parts = text.match(new RegExp(`${valid.source}|[\xc0-\xf7][\x80-\xbf]*|[^]`, 'g')) ?? [];
  return parts
    .map((part) => {
      const first = part.charCodeAt(0);
      if (first < 0x80) return part;
      const length = first < 0xc0 || first >= 0xf8 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
      if (length === 0) return '?'.repeat(part.length);
      if (part.length < length) return '?';
      let character = first & (0xff >> (length + 1));
      for (let index = 1; index < length; index++) character = character * 64 + (part.charCodeAt(index) & 0x3f);
      return (character > 0x10_ffff ? '?' : alike(character)) + '?'.repeat(part.length - length);
    })
    .join('');
}

/** RFC 3986, 5.2.4, to the letter. */
function removeDots(path: string): string {
  let input = path;
  let output = '';
  while (input !== '') {
    if (input.startsWith('../')) input = input.slice(3);
    else if (input.startsWith('./')) input = input.slice(2);
    else if (input.startsWith('/./')) input = input.slice(2);
    else if (input === '/.') input = '/';
    else if (input.startsWith('/../') || input === '/..') {
      input = `/${input.slice(4)}`;
      output = output.includes('/') ? output.slice(0, output.lastIndexOf('/')) : '';
    } else if (input === '.' || input === '..') input = '';
    else {
      const segment = /^\/?[^/]*/.exec(input)![0];
      output += segment;
      input = input.slice(segment.length);
    }
  }
  return output;
}

function naive(uri: string): string {
  const [, path, query, fragment] = /^([^?#]*)(\?[^#]*)?(#[^]*)?$/.exec(uri)!;
  const slashes = decode(path!).replaceAll('\\', '/').replace(/\/+/g, '/');
  return removeDots(transcode(slashes)) + decode(query ?? '') + decode(fragment ?? '');
}

describe('a URI', () => {
  it.each([
    ['/a%20b/../c', '/c'],
    ['/a%2fb%5cc\\d//e///f', '/a/b/c/d/e/f'],
    ['/%61%4g%zz%', '/a%4g%zz%'],
    ['/%u0041%u2215x%uff0f%u00zz%U0042', '/A/x/%u00zzB'],
    ['/a+b?c+d=%2B', '/a+b?c+d=+'],
    ['/x?y=%2541&z=%u0041', '/x?y=%41&z=A'],
    ['/%2541', '/%41'],
    ['/?q=/../x//y\\z', '/?q=/../x//y\\z'],
    ['/a;b=1/..;/c', '/a;b=1/..;/c'],
    ['/..%2f..%2fetc', '/etc'],
    ['/%c0%af%c1%9c', '//\\'],
    ['/%ef%bc%8fx%ef%bc%a1', '//xA'],
    ['/%c3%a9%ff', '/\xe9?'],
    ['http://h/%41?x#y', '/A?x#y'],
    ['http://h?x=1', '?x=1'],
    ['/%00a\0b', '/\0a\0b'],
    ['*', '*'],
    ['/a/.', '/a/'],
    ['/a/..', '/'],
    ['..', ''],
  ])('%j is seen as %j', (uri, seen) => {
    expect(uriOf(uri)).toBe(seen);
  });

  it('is what the twin makes of it', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '/',
        '.',
        '..',
        '/../',
        '/./',
        '//',
        '\\',
        '%',
        '%2',
        '%2e',
        '%2F',
        '%5c',
        '%25',
        '%u',
        '%u002f',
        '%uff0f',
        '?',
        '#',
        '+',
        'a',
        'B%41',
      ),
      fc.integer({ min: 0x80, max: 0xff }).map((byte) => `%${byte.toString(16)}`),
      fc
        .integer({ min: 0x80, max: 0x1_ffff })
        .filter((character) => character < 0xd800 || character > 0xdfff)
        .map((character) => Buffer.from(String.fromCodePoint(character)).toString('latin1')),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        // No authority and no space at its ends: those are the request line's.
        const uri = `/${pieces.join('')}`;
        expect(uriOf(uri)).toBe(naive(uri));
      }),
      { numRuns: 300 },
    );
  });

  it('is decoded as settings say', () => {
    expect(uriOf('/a\\b', { backslashes: false })).toBe('/a\\b');
    expect(uriOf('/%u0041?%u0041', { unicode: false })).toBe('/%u0041?%u0041');
    expect(uriOf('/%2541?%2541', { twiceInPath: true })).toBe('/A?%41');
    expect(uriOf('/%2541?%2541', { twiceInQuery: true })).toBe('/%41?A');
    expect(uriOf('/a+b?c+d', { plus: true })).toBe('/a+b?c d');
  });

  it('costs a time that grows with its length alone', () => {
    const dots = '../'.repeat(4900);
    expect(uriOf(`/${'a/'.repeat(700)}${dots}x`)).toBe('/x');
    expect(uriOf(`${dots}x`)).toBe('x');
  });
});
