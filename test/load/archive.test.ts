/** Archives of rules: what is unpacked, and what is refused whole. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ArchiveError, type ArchiveLimits } from '../../src/load/archive-file.js';
import { unpackArchive } from '../../src/load/archive.js';
import { pax, tar, tarGz, zip } from '../support/archive-writer.js';

const RULES = 'alert tcp any any -> any any (sid:1;)\n';
const LIMITS: ArchiveLimits = { files: 5, bytes: 2000 };

function unpack(bytes: Uint8Array, name = 'x', limits = LIMITS): Record<string, string> {
  return Object.fromEntries(
    unpackArchive(bytes, name, limits).map(({ path, content }) => [path, Buffer.from(content).toString()]),
  );
}

describe('what is unpacked', () => {
  const cases: [string, Uint8Array, Record<string, string>][] = [
    [
      'a tar archive',
      tar([
        { path: 'rules/', type: '5' },
        { path: 'rules/a.rules', content: RULES },
        { path: './b.rules', content: '' },
      ]),
      { 'rules/a.rules': RULES, 'b.rules': '' },
    ],
    ['a gzipped one', tarGz([{ path: 'a.rules', content: RULES }]), { 'a.rules': RULES }],
    [
      'a path in two parts',
      tar([{ path: 'a.rules', prefix: 'long/way', content: RULES }]),
      { 'long/way/a.rules': RULES },
    ],
    [
      'a path in a pax header',
      tar([
        pax({ mtime: '1.5', path: `${'d'.repeat(90)}/${'ä'.repeat(40)}.rules` }),
        { path: 'short', content: RULES },
        { path: 'b.rules' },
      ]),
      { [`${'d'.repeat(90)}/${'ä'.repeat(40)}.rules`]: RULES, 'b.rules': '' },
    ],
    [
      'a size in a pax header',
      tar([pax({ size: String(RULES.length) }), { path: 'a.rules', content: RULES, size: 0 }]),
      { 'a.rules': RULES },
    ],
    [
      'a long name of GNU tar',
      tar([
        { path: '././@LongLink', type: 'L', content: `${'n'.repeat(120)}.rules\0` },
        { path: 'n', content: RULES },
      ]),
      { [`${'n'.repeat(120)}.rules`]: RULES },
    ],
    [
      'a zip archive',
      zip([
        { path: 'rules/', mode: 0o40755 },
        { path: 'rules/a.rules', content: RULES },
        { path: 'b.rules', content: 'x', stored: true },
      ]),
      { 'rules/a.rules': RULES, 'b.rules': 'x' },
    ],
    ['an empty zip archive', zip([]), {}],
  ];
  it.each(cases)('%s', (_what, bytes, files) => expect(unpack(bytes)).toEqual(files));

  it('a rule file, gzipped or not, by its own name', () => {
    expect(unpack(Buffer.from(RULES), '/tmp/my.rules')).toEqual({ 'my.rules': RULES });
    expect(unpack(gzipSync(RULES), 'https://example.org/a/b%20c.rules.gz')).toEqual({ 'b_20c.rules': RULES });
    expect(unpack(gzipSync(RULES), 'https://example.org/download')).toEqual({ 'downloaded.rules': RULES });
  });

  const folder = mkdtempSync(join(tmpdir(), 'periscope-archive-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const gnuTar = existsSync('/bin/tar') || existsSync('/usr/bin/tar');
  it.skipIf(!gnuTar).each(['ustar', 'pax', 'gnu'])('what tar writes in its format %s', (format) => {
    const deep = `${'deep'.repeat(20)}/${'file'.repeat(20)}.rules`;
    mkdirSync(join(folder, 'in', 'deep'.repeat(20)), { recursive: true });
    writeFileSync(join(folder, 'in', deep), RULES);
    execFileSync('tar', [`--format=${format}`, '-czf', join(folder, 'out.tgz'), '-C', join(folder, 'in'), '.']);
    expect(unpack(readFileSync(join(folder, 'out.tgz')))).toEqual({ [deep]: RULES });
  });
});

describe('what is refused', () => {
  const wrongSum = tar([{ path: 'a.rules', content: RULES }]);
  wrongSum[0]! ^= 1;
  const cases: [string, Uint8Array, RegExp][] = [
    ['a path that goes up', tar([{ path: '../a.rules', content: RULES }]), /not one within a folder/],
    ['one that goes up further in', tarGz([{ path: 'a/../../b.rules' }]), /not one within a folder/],
    ['an absolute path', tar([{ path: '/etc/passwd' }]), /not one within a folder/],
    ['a path that goes up in a pax header', tar([pax({ path: '../a' }), { path: 'a' }]), /not one within a folder/],
    ['a path with a drive', tar([{ path: 'C:/a.rules' }]), /not one within a folder/],
    ['a path with backslashes', zip([{ path: '..\\a.rules' }]), /not one within a folder/],
    ['a path with a NUL', tar([pax({ path: 'a\0b' }), { path: 'a' }]), /not one within a folder/],
    ['a path of nothing', tar([{ path: '.' }]), /not one within a folder/],
    ['a deep path', tar([{ path: 'd/'.repeat(17) + 'a' }]), /too long/],
    ['a symbolic link', tar([{ path: 'a', type: '2', link: '/etc/passwd' }]), /link or a device/],
    ['a hard link', tar([{ path: 'a', type: '1', link: 'b' }]), /link or a device/],
    ['a device', tar([{ path: 'a', type: '3' }]), /link or a device/],
    ['a link in a zip archive', zip([{ path: 'a', content: '/etc/passwd', mode: 0o120777 }]), /link or a device/],
    ['a name that is there twice', tar([{ path: 'a.rules' }, { path: './A.rules' }]), /twice/],
    ['too many files', tar(Array.from({ length: 6 }, (_, i) => ({ path: `${i}.rules` }))), /more than 5 files/],
    [
      'too many files in a zip archive',
      zip(Array.from({ length: 6 }, (_, i) => ({ path: `${i}.rules` }))),
      /more than 5 files/,
    ],
    [
      'too many bytes',
      tar([
        { path: 'a', content: 'x'.repeat(1500) },
        { path: 'b', content: 'x'.repeat(501) },
      ]),
      /more than 2000 bytes/,
    ],
    ['a bomb', gzipSync(Buffer.alloc(1_000_000)), /more than 22480 bytes/],
    ['a bomb in a zip archive', zip([{ path: 'a', content: 'x'.repeat(10_000) }]), /more than 2000 bytes/],
    [
      'a bomb that says it is small',
      zip([{ path: 'a', content: 'x'.repeat(10_000), size: 10 }]),
      /longer than it says/,
    ],
    ['files that lie over each other', zip([{ path: 'a', content: RULES, size: 1999 }]), /damaged/],
    ['a wrong checksum in tar', wrongSum, /checksum of a header/],
    ['a wrong checksum in zip', zip([{ path: 'a', content: RULES, crc: 1 }]), /damaged/],
    ['an encrypted file', zip([{ path: 'a', content: RULES, flags: 1 }]), /encrypted/],
    ['another packing', zip([{ path: 'a', content: RULES, method: 14 }]), /not supported/],
    ['a cut tar archive', tar([{ path: 'a', content: RULES }], false).subarray(0, 600), /cut short/],
    ['a tar archive without an end', tar([{ path: 'a', content: RULES }], false), /cut short/],
    ['a huge size', tar([{ path: 'a', size: 0o77777777777 }]), /cut short/],
    ['a cut gzip', tarGz([{ path: 'a', content: RULES }]).subarray(0, -20), /damaged/],
    ['a cut zip archive', zip([{ path: 'a', content: RULES }]).subarray(0, -10), /cut short/],
    ['what is no text', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0]), /neither/],
  ];
  it.each(cases)('%s', (_what, bytes, reason) => {
    expect(() => unpack(bytes)).toThrow(ArchiveError);
    expect(() => unpack(bytes)).toThrow(reason);
  });

  it('whatever else is wrong, without another kind of error', () => {
    const sources = [
      tar([pax({ path: 'abc' }), { path: 'a.rules', content: RULES }, { path: 'd/', type: '5' }]),
      zip([
        { path: 'a', content: RULES },
        { path: 'b', content: 'x', stored: true },
      ]),
    ];
    const change = fc.tuple(fc.nat(3000), fc.nat(255));
    fc.assert(
      fc.property(
        fc.constantFrom(...sources),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat(3000)),
        (source, changes, cut) => {
          const bytes = Buffer.from(source);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          try {
            for (const { path } of unpackArchive(cut === null ? bytes : bytes.subarray(0, cut), 'x', LIMITS))
              expect(path.split('/')).not.toContain('..');
          } catch (error) {
            expect(error).toBeInstanceOf(ArchiveError);
          }
        },
      ),
      { numRuns: 4000, seed: 7 },
    );
  });
});
