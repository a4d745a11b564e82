/** Tests of a packet's addresses beside its header (geoip, iprep): sides, families, and when a rule is looked at. */
import { describe, expect, it } from 'vitest';
import type { AddressSet } from '../../../src/block/terms.js';
import type { FlowTest, RuleProgram } from '../../../src/rule/program.js';
import { Sensor, sidsOn } from '../../support/detecting.js';
import { ethernet, ipv4, ipv6, udp } from '../../support/packet-builder.js';
import { content, program } from '../../support/rule-programs.js';

const SET: AddressSet = {
  ipv4: [
    [0x0a000001, 0x0a000001],
    [0x0a000010, 0x0a00001f],
  ],
  ipv6: [[0x20010db8000000000000000000000000n, 0x20010db80000000000000000000000ffn]],
};
const address = (
  side: Extract<FlowTest, { kind: 'address' }>['side'],
  { addresses = SET, perFlow = false } = {},
): FlowTest => ({ kind: 'address', side, addresses, perFlow });
const frame = (src: string, dst: string, payload = 'x', port = 1000): Uint8Array =>
  ethernet({ type: 0x0800 }, ipv4({ src, dst, protocol: 17 }, udp({ srcPort: port, dstPort: 53 }, payload)));
const frame6 = (src: string, dst: string): Uint8Array =>
  ethernet({ type: 0x86dd }, ipv6({ src, dst, protocol: 17 }, udp({ srcPort: 1, dstPort: 53 }, 'x')));

const sides = (['src', 'dst', 'both', 'any'] as const).map((side, i) =>
  program({ sid: i + 1, msg: side, flowTests: [address(side)] }),
);

describe('a test of addresses', () => {
  it.each<[string, string, number[]]>([
    ['10.0.0.1', '10.0.0.2', [1, 4]],
    ['10.0.0.2', '10.0.0.17', [2, 4]],
    ['10.0.0.1', '10.0.0.31', [1, 2, 3, 4]],
    ['10.0.0.2', '10.0.0.32', []],
  ])('from %s to %s', (src, dst, sids) => expect(sidsOn(sides, frame(src, dst))).toEqual(sids));

  it.each<[string, string, number[]]>([
    ['2001:db8::1', '2001:db8::100', [1, 4]],
    ['2001:db8::100', '2001:db8::', [2, 4]],
    ['2001:db8::ff', '2001:db8::5', [1, 2, 3, 4]],
    ['::a00:1', '2001:db9::', []],
  ])('from %s to %s', (src, dst, sids) => expect(sidsOn(sides, frame6(src, dst))).toEqual(sids));

  it('fails frames without addresses', () => {
    expect(
      sidsOn(
        sides.map((rule) => ({ ...rule, header: { ...rule.header, protocol: 'pkthdr' as const } })),
        ethernet({ type: 0x0806 }, Buffer.alloc(28)),
      ),
    ).toEqual([]);
  });

  it('of no addresses never passes', () => {
    expect(
      sidsOn(
        [program({ flowTests: [address('any', { addresses: { ipv4: [], ipv6: [] } })] })],
        frame('10.0.0.1', '10.0.0.1'),
      ),
    ).toEqual([]);
  });

  it('stands among others, and in an alternative', () => {
    const rules = [
      program({
        sid: 1,
        flowTests: [address('src'), address('dst', { addresses: { ipv4: [[0x0a000002, 0x0a000002]], ipv6: [] } })],
      }),
      program({
        sid: 2,
        flowTests: [
          {
            kind: 'either',
            tests: [{ kind: 'field', field: 'flow_age', ranges: [[1, 1]], negated: false }, address('dst')],
          },
        ],
      }),
      program({ sid: 3, payload: [content('needle')], flowTests: [address('src')] }),
    ];
    expect(sidsOn(rules, frame('10.0.0.1', '10.0.0.2', 'needle'))).toEqual([1, 3]);
    expect(sidsOn(rules, frame('10.0.0.2', '10.0.0.1', 'needle'))).toEqual([2]);
  });

  it('shares one set in the block with headers and other rules', () => {
    const { rules } = new Sensor([...sides, program({ sid: 9, header: { source: SET } })]);
    expect(rules.addressSets.length / 4).toBe(1);
  });
});

describe('a rule that asks nothing but addresses', () => {
  const alerts = (rule: RuleProgram): number[] => {
    const sensor = new Sensor([rule]);
    return [
      frame('10.0.0.1', '10.0.0.2'),
      frame('10.0.0.1', '10.0.0.2'),
      frame('10.0.0.2', '10.0.0.1'),
      frame('10.0.0.1', '10.0.0.2'),
    ].map(
      (bytes, i) =>
        sensor.sids(
          i === 2
            ? ethernet(
                { type: 0x0800 },
                ipv4({ src: '10.0.0.2', dst: '10.0.0.1', protocol: 17 }, udp({ srcPort: 53, dstPort: 1000 }, 'x')),
              )
            : bytes,
        ).length,
    );
  };

  it('is looked at once per flow and direction by reputation, and at every packet by country', () => {
    expect(alerts(program({ flowTests: [address('any', { perFlow: true })] }))).toEqual([1, 0, 1, 0]);
    expect(alerts(program({ flowTests: [address('any')] }))).toEqual([1, 1, 1, 1]);
  });

  it('is looked at every packet where it asks more', () => {
    expect(
      alerts(
        program({
          flowTests: [address('any', { perFlow: true })],
          packetTests: [{ kind: 'field', field: 'dsize', ranges: [[0, 100]], negated: false }],
        }),
      ),
    ).toEqual([1, 1, 1, 1]);
    expect(alerts(program({ flowTests: [address('any', { perFlow: true })], payload: [content('x')] }))).toEqual([
      1, 1, 1, 1,
    ]);
  });

  it('lets the rest of the flow pass, where it is a pass by reputation', () => {
    const sensor = new Sensor([
      program({ sid: 1, action: 'pass', flowTests: [address('src', { perFlow: true })] }),
      program({ sid: 2, payload: [content('x')] }),
    ]);
    expect(
      [frame('10.0.0.1', '10.0.0.2'), frame('10.0.0.1', '10.0.0.2'), frame('10.0.0.3', '10.0.0.2', 'x', 7)].map(
        (bytes) => sensor.sids(bytes),
      ),
    ).toEqual([[], [], [2]]);
  });
});
