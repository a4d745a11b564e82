/**
 * Countries from a database: the sets that come of it against looking addresses up one by one, and files that are none.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { Reader, type CountryResponse } from 'mmdb-lib';
import { afterAll, describe, expect, it } from 'vitest';
import { DataFiles } from '../../src/load/data-files.js';
import { Countries } from '../../src/load/geoip.js';
import type { AddressSet } from '../../src/block/terms.js';
import { isProblem, type DataProblem } from '../../src/rule/compile/rule-data.js';
import { MmdbWriter } from '../support/mmdb-writer.js';

const folder = mkdtempSync(join(tmpdir(), 'periscope-geoip-'));
afterAll(() => rmSync(folder, { recursive: true }));

function save(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function open(database: Uint8Array): Countries {
  const countries = Countries.load(save('countries.mmdb', database), new DataFiles());
  if (isProblem(countries)) throw new Error(countries.message);
  return countries;
}

function problem(database: string | Uint8Array): Pick<DataProblem, 'code' | 'message'> | undefined {
  const outcome = Countries.load(save('broken.mmdb', database), new DataFiles());
  return isProblem(outcome) ? { code: outcome.code, message: outcome.message.replace(folder, '') } : undefined;
}

const number = (text: string): bigint =>
  ipaddr
    .parse(text)
    .toByteArray()
    .reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
function has({ ipv4, ipv6 }: AddressSet, text: string): boolean {
  const address = number(text);
  return text.includes(':')
    ? ipv6.some(([low, high]) => address >= low && address <= high)
    : ipv4.some(([low, high]) => address >= BigInt(low) && address <= BigInt(high));
}

const SMALL = (): MmdbWriter =>
  new MmdbWriter()
    .country('192.0.2.0/24', 'DE')
    .country('198.51.100.0/25', 'DE')
    .country('198.51.100.128/25', 'FR')
    .country('203.0.113.7/32', 'FR')
    .country('2001:db8::/32', 'DE')
    .country('2001:db8:1::/48', 'AT')
    .network('10.0.0.0/8', { registered_country: { iso_code: 'US' } });

describe('the addresses of a country', () => {
  const countries = open(SMALL().build());

  it('are its networks, neighbours in one, for IPv4 and IPv6', () => {
    expect(countries.addresses(['DE'], false)).toEqual({
      unknown: [],
      addresses: {
        ipv4: [
          [0xc0000200, 0xc00002ff],
          [0xc6336400, 0xc633647f],
        ],
        ipv6: [
          [number('2001:db8::'), number('2001:db8:0:ffff:ffff:ffff:ffff:ffff')],
          [number('2001:db8:2::'), number('2001:db8:ffff:ffff:ffff:ffff:ffff:ffff')],
        ],
      },
    });
    expect(countries.addresses(['FR', 'DE'], false).addresses.ipv4).toEqual([
      [0xc0000200, 0xc00002ff],
      [0xc6336400, 0xc63364ff],
      [0xcb007107, 0xcb007107],
    ]);
  });

  it('of any other country leave out those in none', () => {
    const { addresses } = countries.addresses(['DE'], true);
    expect(
      [
        '203.0.113.7',
        '198.51.100.200',
        '192.0.2.1',
        '10.0.0.1',
        '8.8.8.8',
        '2001:db8:1::1',
        '2001:db8::1',
        '2001:db9::1',
      ].map((text) => has(addresses, text)),
    ).toEqual([true, true, false, false, false, true, false, false]);
  });

  it('are the same object for the same question, in any order', () => {
    expect(countries.addresses(['FR', 'DE'], false)).toBe(countries.addresses(['DE', 'FR'], false));
    expect(countries.addresses(['FR', 'DE'], true)).not.toBe(countries.addresses(['DE', 'FR'], false));
  });

  it('are none of a country that the database does not have, which is said', () => {
    expect(countries.addresses(['UK', 'AT'], false)).toMatchObject({ unknown: ['UK'], addresses: { ipv4: [] } });
  });

  it('do not come twice where further networks lead to those of IPv4', () => {
    const aliased = open(SMALL().alias('2002::/16').alias('::ffff:0:0/96').build()).addresses(['DE'], false).addresses;
    expect(aliased).toEqual(countries.addresses(['DE'], false).addresses);
  });
});

describe('any database', () => {
  const network = fc.oneof(
    fc
      .tuple(fc.integer({ min: 0, max: 0xffffffff }), fc.integer({ min: 1, max: 32 }))
      .map(
        ([bits, prefix]) =>
          `${ipaddr.fromByteArray([24, 16, 8, 0].map((shift) => (bits >>> shift) & 255)).toString()}/${prefix}`,
      ),
    fc
      .tuple(
        fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 15, maxLength: 15 }),
        fc.integer({ min: 4, max: 128 }),
      )
      .map(([rest, prefix]) => `${ipaddr.fromByteArray([0x20, ...rest]).toString()}/${prefix}`),
  );
  const options = fc.record({
    recordSize: fc.constantFrom(24 as const, 28 as const, 32 as const),
    ipVersion: fc.constantFrom(4 as const, 6 as const),
  });

  it('says of each address what looking it up says', () => {
    fc.assert(
      fc.property(
        options,
        fc.array(fc.tuple(network, fc.constantFrom('DE', 'FR', 'AT')), { minLength: 1, maxLength: 12 }),
        ({ recordSize, ipVersion }, list) => {
          const fitting = list.filter(([text]) => ipVersion === 6 || !text.includes(':'));
          fc.pre(fitting.length > 0);
          const writer = new MmdbWriter({ recordSize, ipVersion });
          for (const [text, code] of fitting) writer.country(text, code);
          const database = writer.build();
          const countries = open(database);
          const reader = new Reader<CountryResponse>(database);
          const edges = fitting
            .flatMap(([text]) => {
              const [address, prefix] = ipaddr.parseCIDR(text);
              const kind = address.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
              const [low, high] = [
                kind.networkAddressFromCIDR(text),
                address.kind() === 'ipv4'
                  ? ipaddr.IPv4.broadcastAddressFromCIDR(text)
                  : ipaddr.IPv6.broadcastAddressFromCIDR(text),
              ];
              return prefix === 0
                ? []
                : [low, high, ...[low, high].map((edge) => neighbour(edge.toByteArray(), edge === low ? -1 : 1))];
            })
            .map((address) => address.toNormalizedString());
          for (const text of edges) {
            const wanted = reader.get(text)?.country?.iso_code;
            for (const code of ['DE', 'FR', 'AT']) {
              expect(has(countries.addresses([code], false).addresses, text), `${text} in ${code}`).toBe(
                wanted === code,
              );
              expect(has(countries.addresses([code], true).addresses, text), `${text} not in ${code}`).toBe(
                wanted !== undefined && wanted !== code,
              );
            }
          }
        },
      ),
      { numRuns: 150, seed: 41 },
    );
  });

  function neighbour(bytes: number[], by: 1 | -1): ipaddr.IPv4 | ipaddr.IPv6 {
    const next = [...bytes];
    for (let i = next.length - 1; i >= 0; i--) {
      next[i] = (next[i]! + by + 256) & 255;
      if (next[i] !== (by === 1 ? 0 : 255)) break;
    }
    return ipaddr.fromByteArray(next);
  }
});

describe('a file', () => {
  const whole = SMALL().build();

  it("that is not there is the rule's problem, and no path is one of the settings", () => {
    expect(Countries.load(join(folder, 'missing.mmdb'), new DataFiles())).toMatchObject({ code: 'unreadable-file' });
    expect(Countries.load('', new DataFiles())).toMatchObject({
      code: 'missing-setting',
      message: expect.stringContaining('geoip.database') as string,
    });
  });

  it.each<[string, string | Uint8Array]>([
    ['text', 'no database\n'],
    ['empty', ''],
    ['an archive', Buffer.from([0x1f, 0x8b, 8, 0, ...Array<number>(100).fill(7)])],
    ['cut in its data', whole.subarray(0, 200)],
    [
      'cut in its tree',
      Buffer.concat([whole.subarray(0, 60), whole.subarray(whole.lastIndexOf(Buffer.from('MaxMind')) - 3)]),
    ],
  ])('that is %s is no database', (_, content) => expect(problem(content)?.code).toBe('bad-data-file'));

  it('without countries is of no use', () => {
    expect(problem(new MmdbWriter().network('10.0.0.0/8', { autonomous_system_number: 64_512 }).build())).toEqual({
      code: 'bad-data-file',
      message: '/broken.mmdb says nothing of countries',
    });
  });

  it('whose bytes are anything ends in countries or in a problem, and soon', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 40 }),
        (changes) => {
          const damaged = Buffer.from(whole);
          for (const [at, byte] of changes) damaged[at] = byte;
          const outcome = Countries.load(save('damaged.mmdb', damaged), new DataFiles());
          expect(isProblem(outcome) ? outcome.code : 'countries').toMatch(/^(bad-data-file|countries)$/);
        },
      ),
      { numRuns: 300, seed: 43 },
    );
  });
});
